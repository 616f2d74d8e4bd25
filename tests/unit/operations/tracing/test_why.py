"""Why nobody answered a text, a person, or anybody at a number of ours; and how little is asked to find out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from operations.stage.deployed_stack import LogLine
from operations.tracing.outcomes import TraceState
from operations.tracing.provider_message import ProviderAlert, ProviderMessage
from operations.tracing.text_record import TextRecord
from operations.tracing.why import NUMBERS_MAX, TEXTS_MAX, Explanation, find_out
from operations.tracing.window import Window
from shared.errors import Unavailable, UpstreamRefused
from shared.messages import events
from shared.messages.outbound import Parked, Reply, StoppedConversation
from shared.messages.promises import PromiseState
from shared.reasons import Reason
from shared.telemetry import CONVERSATION_DIGITS
from shared.tenants.connection import Webhooks
from shared.tenants.record import HeldNumber
from tests import fakes
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON, SALT
from tests.numbers_fakes import ELSEWHERE, FakeNumbers, number_at_twilio, ours
from tests.promises_of_texts import promise
from tests.unit.cli.command import Command, FakeTarget
from tests.unit.cli.test_tracing import ACCEPTED, ALL, REPLY_SID, TEXT, line
from tests.unit.operations.operators import operator

MEMBER, KEY = fakes.credential()
DAY = Window(NOW - timedelta(days=1))
RELEASED = "+12025550188"
NO_TOKEN = UpstreamRefused(
    Reason.PROVIDER_UNAUTHORIZED, f"Twilio does not accept the auth tokens of account {ACCOUNT}", code=20003
)


def command(*lines: LogLine, webhooks: Webhooks | None = None) -> Command:
    """A tenant with a number that is connected, unless it has other webhooks."""
    made = Command.on(fakes.managed_tenant(MEMBER), numbers=[OUR_NUMBER])
    made.numbers = FakeNumbers.of(number_at_twilio(webhooks or ours(KEY)))
    for each in lines:
        made.logs.setdefault(each.function, []).append(each)
    return made


def at_twilio(
    sid: str = TEXT, *, ago: float = 3600, sender: str = PERSON, to: str = OUR_NUMBER, is_inbound: bool = True
) -> ProviderMessage:
    return ProviderMessage(sid, sender, to, is_inbound, NOW - timedelta(seconds=ago), ACCOUNT)


def complaint(sid: str = TEXT, *, status: int | None = 404, ago: float = 3590) -> ProviderAlert:
    url = "https://apikey:secret@a1.execute-api.us-east-1.amazonaws.com/east/sms.receiver/Wrong"
    return ProviderAlert(sid, 11200, url, "POST", status, NOW - timedelta(seconds=ago))


def why(made: Command, query: str, **more: str) -> Explanation:
    return find_out(operator(made), query, DAY, **more)


ANSWERED_ONCE = TextRecord(
    messages=1,
    replies={"1": Reply("acme", f"{TEXT}-1", "desk", "c", TEXT, NOW - timedelta(days=9), REPLY_SID, "delivered", 5)},
)


@pytest.mark.parametrize("query", [TEXT, f"{TEXT}-1", f"{TEXT}-f-1", REPLY_SID])
@pytest.mark.parametrize("stage", ["east", "south"])
def test_what_is_stored_tells_of_a_text_of_days_ago_of_which_the_day_has_no_line(query: str, stage: str) -> None:
    made = command()
    made.stored[stage].kept["acme", TEXT] = ANSWERED_ONCE
    answer = why(made, query)
    assert (answer.verdict.state, answer.verdict.sentence) == (
        TraceState.ARRIVED,
        "It was answered, and the answer arrived.",
    )
    assert made.messages.asked == [], "the records tell the time, so Twilio need not be asked"


def test_the_log_is_read_around_the_time_that_the_records_tell() -> None:
    old = [replace(each, time=each.time - timedelta(days=9)) for each in ALL]
    made = command(*old)
    made.stored["east"].kept["acme", TEXT] = ANSWERED_ONCE
    [text] = why(made, TEXT).texts
    assert [hop.event.value for hop in text.hops] == ["Accepted", "Answered", "Sent", "Delivered"]


def test_twilio_tells_when_a_text_came_that_the_records_do_not_date() -> None:
    old = [replace(each, time=each.time - timedelta(days=9)) for each in ALL[:1]]
    made = command(*old, line("forwarder", "Unanswered", ago=9 * 86_400, reason="no_message"))
    made.stored["east"].kept["acme", TEXT] = TextRecord(messages=0)
    made.messages.kept = [at_twilio(ago=9 * 86_400)]
    [text] = why(made, TEXT).texts
    assert [hop.event.value for hop in text.hops] == ["Accepted", "Unanswered"]
    assert made.messages.asked == ["find"]


def test_a_text_that_did_not_reach_us_is_explained_by_its_number_and_by_twilios_debugger() -> None:
    made = command(webhooks=replace(ours(KEY), method="GET"))
    made.messages.kept, made.messages.complaints = [at_twilio()], [complaint()]
    for query in (TEXT, PERSON):
        answer = why(made, query)
        assert answer.verdict.state is TraceState.UNREACHED
        sentence = answer.verdict.sentence
        assert "Twilio has this text since 2026-11-23 11:00:00 UTC, and it did not reach us." in sentence
        assert "sms.receiver/Wrong with POST, and it got 404: error 11200. There is no such path or method" in sentence
        assert "The number's method is: GET; it should be: POST." in sentence
        assert f"./sms number connect {OUR_NUMBER}" in answer.verdict.see
        assert "secret" not in str(answer)


def test_without_any_complaint_and_difference_it_says_that_the_number_may_have_been_changed_since() -> None:
    made = command()
    made.messages.kept = [at_twilio()]
    made.messages.complaints = [complaint("SM" + "7" * 32)]
    sentence = why(made, TEXT).verdict.sentence
    assert "Its number is connected as it should be, and Twilio reports no failure." in sentence


def test_a_text_that_twilio_got_just_now_may_be_on_its_way() -> None:
    made = command()
    made.messages.kept = [at_twilio(ago=20)]
    answer = why(made, TEXT)
    assert (answer.verdict.state, "Ask again in a minute" in answer.verdict.sentence) == (TraceState.WAITING, True)


def test_a_message_of_ours_that_another_program_sent_is_no_text_that_did_not_reach_us() -> None:
    made = command()
    made.messages.kept = [at_twilio(sender=OUR_NUMBER, to=PERSON, is_inbound=False)]
    assert why(made, TEXT).verdict.state is TraceState.UNKNOWN


def test_of_a_persons_texts_the_latest_decides_whoever_knows_of_it() -> None:
    made = command(*ALL, webhooks=ELSEWHERE)
    earlier, later = "SM" + "2" * 32, "SM" + "3" * 32
    made.messages.kept = [at_twilio(earlier), at_twilio(TEXT, ago=10), at_twilio(later, ago=5)]
    answer = why(made, PERSON)
    assert [(text.id, text.verdict.state) for text in answer.texts] == [
        (earlier, TraceState.UNREACHED),
        (TEXT, TraceState.ARRIVED),
        (later, TraceState.UNREACHED),
    ]
    assert answer.verdict.sentence.startswith("Of 3 texts, the latest: Twilio has this text")


def test_finds_a_text_to_a_number_that_was_released_and_is_in_no_list_of_ours() -> None:
    made = command()
    made.messages.kept = [at_twilio(to=RELEASED)]
    parked = Parked("acme", TEXT, "inbound", "g", "no_agent", "no agent holds the number", RELEASED, NOW, {})
    made.stored["east"].kept["acme", TEXT] = TextRecord(parked=(parked,))
    answer = why(made, PERSON)
    assert answer.verdict.sentence == "The text is parked: no_agent: no agent holds the number."
    assert f"./sms --stage east --tenant acme parked show {TEXT}" in answer.verdict.see


def test_finds_a_refusal_by_the_person_when_twilio_cannot_be_asked_and_says_why() -> None:
    conversation = events.conversation_id(SALT, ours=OUR_NUMBER, person=PERSON)[:CONVERSATION_DIGITS]
    made = command(line("receiver", "Refused", ago=60, reason="invalid_signature", conversation=conversation))
    made.messages.failing = NO_TOKEN
    answer = why(made, PERSON)
    assert answer.verdict.state is TraceState.REFUSED
    assert f"Twilio does not accept the auth tokens of account {ACCOUNT}." in answer.verdict.sentence
    assert answer.verdict.sentence.count("Twilio does not accept") == 1


@pytest.mark.parametrize("query", [TEXT, PERSON])
def test_when_nobody_knows_anything_it_says_who_was_asked(query: str) -> None:
    made = command()
    answer = why(made, query)
    assert (answer.verdict.state, answer.is_healthy, answer.texts) == (TraceState.UNKNOWN, False, [])
    assert "Twilio has no " in answer.verdict.sentence
    made.messages.failing = Unavailable("Twilio took longer than 5 seconds")
    sentence = why(made, query).verdict.sentence
    assert "The provider could not be asked: Twilio took longer than 5 seconds." in sentence
    assert "Twilio has no " not in sentence


def test_one_of_our_own_numbers_is_checked() -> None:
    made = command(webhooks=ELSEWHERE)
    answer = why(made, OUR_NUMBER)
    assert answer.verdict.state is TraceState.UNREACHED
    assert answer.verdict.sentence.startswith("Texts to this number do not reach their agent. The number's webhook is:")
    assert answer.verdict.see == (f"./sms number connect {OUR_NUMBER}",)
    assert "f0rmer" not in answer.verdict.sentence


@pytest.mark.parametrize(
    "webhooks", [replace(ours(KEY), fallback_url=""), replace(ours(KEY), url=ours(KEY).url.partition("#")[0])]
)
def test_what_only_matters_when_something_fails_keeps_no_text_away(webhooks: Webhooks) -> None:
    made = command(*ALL, webhooks=webhooks)
    made.messages.kept = [at_twilio(ago=10)]
    assert why(made, OUR_NUMBER).verdict.state is TraceState.ARRIVED


def test_texts_that_come_through_another_stage_reach_their_agent() -> None:
    made = command(*ALL, webhooks=replace(ours(KEY), url=ours(KEY).fallback_url))
    made.messages.kept = [at_twilio(ago=10)]
    assert why(made, OUR_NUMBER).verdict.state is TraceState.ARRIVED


def test_of_one_of_our_own_numbers_that_is_connected_the_latest_text_decides() -> None:
    made = command(*ALL)
    assert "The number is connected as it should be. Twilio has no text" in why(made, OUR_NUMBER).verdict.sentence
    made.messages.kept = [at_twilio(ago=10)]
    assert why(made, OUR_NUMBER).verdict.state is TraceState.ARRIVED


def stopped(**changes: Any) -> StoppedConversation:  # noqa: ANN401 - any attribute
    ours, person = f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}"
    conversation = events.conversation_id(SALT, ours=ours, person=person)
    return replace(StoppedConversation("acme", conversation, ours, person, NOW), **changes)


@pytest.mark.parametrize("lines", [[], ALL])
def test_of_a_person_who_opted_out_by_our_own_list_it_says_when_and_what_ends_it(lines: list[LogLine]) -> None:
    made = command(*lines)
    made.stored["south"].opted_out = [stopped(), stopped(conversation="0" * 64), stopped(tenant="other")]
    for query in (PERSON, f"whatsapp:{PERSON}"):
        answer = why(made, query)
        assert answer.verdict.sentence.count("so stage south sends them nothing") == 1
        assert (
            f"They wrote STOP at 2026-11-23 12:00:00 UTC, so stage south sends them nothing from whatsapp:{OUR_NUMBER}"
            in (answer.verdict.sentence)
        )
        assert answer.verdict.see[-1] == (
            f"./sms --stage south --tenant acme optout remove whatsapp:{PERSON} --number whatsapp:{OUR_NUMBER}"
        )
    assert "STOP" not in why(made, "+12025550199").verdict.sentence


def test_says_when_it_was_an_operator_who_opted_a_person_out() -> None:
    made = command()
    made.stored["east"].opted_out = [stopped(by_operator=True)]
    assert "An operator stopped them at 2026-11-23 12:00:00 UTC" in why(made, PERSON).verdict.sentence


def test_a_number_that_another_tenant_has_is_named_with_that_tenant() -> None:
    made = command()
    made.store.numbers[RELEASED] = HeldNumber(RELEASED, "globex", "0123")
    made.messages.kept = [at_twilio(to=RELEASED)]
    for query in (RELEASED, TEXT, PERSON):
        verdict = why(made, query).verdict
        assert verdict.state is TraceState.UNREACHED
        assert "An agent of tenant 'globex' has this number" in verdict.sentence
        assert verdict.see == (
            f"./sms --tenant globex why {RELEASED}",
            f"./sms --tenant globex number release {RELEASED}",
        )


@pytest.mark.parametrize("query", [TEXT, PERSON])
def test_of_a_text_that_found_no_agent_it_says_which_tenant_has_the_number(query: str) -> None:
    made = command()
    made.store.numbers[RELEASED] = HeldNumber(RELEASED, "globex", "0123")
    made.messages.kept = [at_twilio(to=RELEASED)]
    parked = Parked("acme", TEXT, "inbound", "g", "no_agent", "no agent holds the number", RELEASED, NOW, {})
    made.stored["east"].kept["acme", TEXT] = TextRecord(parked=(parked,))
    verdict = why(made, query).verdict
    assert (verdict.state, "An agent of tenant 'globex' has this number" in verdict.sentence) == (
        TraceState.PARKED,
        True,
    )
    assert verdict.see[0] == f"./sms --tenant globex why {RELEASED}"


def test_a_person_whose_number_another_tenant_has_is_a_person_all_the_same() -> None:
    made = command(*ALL)
    made.store.numbers[PERSON] = HeldNumber(PERSON, "globex", "0123")
    assert why(made, PERSON).verdict.sentence == "It was answered, and the answer arrived."


@pytest.mark.parametrize("query", [TEXT, "AP" + "7" * 32, f"{'AP' + '7' * 32}-1", REPLY_SID])
def test_a_late_answer_is_found_by_every_id_and_without_the_log(query: str) -> None:
    late = Reply("acme", f"{'AP' + '7' * 32}-1", "desk", "c", TEXT, NOW, REPLY_SID, "delivered", 5)
    kept = replace(promise(TEXT), state=PromiseState.ANSWERED, answer_id="AP" + "7" * 32)
    made = command()
    made.stored["east"].kept["acme", TEXT] = TextRecord(is_later=True, promise=kept, replies={late.reply_id: late})
    made.stored["east"].kept["acme", "AP" + "7" * 32] = TextRecord(replies={"1": late})
    assert why(made, query).verdict.sentence == "It was answered, and the answer arrived."


def test_without_the_records_of_its_stage_the_logs_answer_and_the_other_way_round() -> None:
    made = command(*ALL)
    made.stored["east"].failing = Unavailable("what is stored could not be read")
    assert why(made, TEXT).verdict.state is TraceState.ARRIVED
    made = command(ACCEPTED)
    made.stored["east"].kept["acme", TEXT] = ANSWERED_ONCE
    made.logs = Silent()
    assert why(made, TEXT).verdict.state is TraceState.ARRIVED


class Silent(dict[str, list[LogLine]]):
    """The logs of a stage that cannot be searched."""

    def get(self, *_: object) -> list[LogLine]:
        message = "the logs could not be searched"
        raise Unavailable(message)


def test_with_very_many_numbers_it_asks_only_for_those_that_twilio_names() -> None:
    made = command(*ALL)
    for last in range(NUMBERS_MAX + 1):
        made.store.hold(f"+1202556{last:04}", tenant_id="acme")
    assert why(made, PERSON).verdict.state is TraceState.UNKNOWN
    assert why(made, PERSON, to=OUR_NUMBER).verdict.state is TraceState.ARRIVED
    made.messages.kept = [at_twilio(ago=10)]
    assert why(made, PERSON).verdict.state is TraceState.ARRIVED


@pytest.mark.parametrize("person", ["68849", "whatsapp:+12025550123", "whatsapp:FI.abc123"])
def test_finds_the_texts_of_addresses_that_are_no_phone_numbers(person: str) -> None:
    prefix = "whatsapp:" if person.startswith("whatsapp:") else ""
    conversation = events.conversation_id(SALT, ours=f"{prefix}{OUR_NUMBER}", person=person)[:CONVERSATION_DIGITS]
    made = command(line("receiver", "Accepted", ago=10, conversation=conversation), *ALL[1:])
    assert why(made, person).verdict.state is TraceState.ARRIVED


def test_a_person_with_many_texts_costs_two_searches_a_stage_and_few_questions() -> None:
    """A test of how much is asked, which is what takes time on a busy stage; tools/cost/questions.py has the times."""
    made = command(*(line("receiver", "Accepted", ago=100, text=f"SM{n:032}") for n in range(5_000)))
    made.messages.kept = [at_twilio(f"SM{number:032}", ago=1000 - number) for number in range(30)]
    find_out(operator(made), PERSON, DAY)
    assert made.messages.asked == ["inbound"] * 3 * len(fakes.ACCOUNTS)
    assert [made.stored[stage].asked for stage in ("east", "south")] == [TEXTS_MAX + 1] * 2, "and once for opt-outs"
    assert searches(made) == {"east": 2, "south": 2}


def test_a_text_costs_one_search_a_stage_and_one_look_at_what_is_stored() -> None:
    made = command(*ALL)
    made.stored["east"].kept["acme", TEXT] = ANSWERED_ONCE
    find_out(operator(made), TEXT, DAY)
    assert made.messages.asked == []
    assert [made.stored[stage].asked for stage in ("east", "south")] == [1, 1]
    assert searches(made) == {"east": 1, "south": 1}


def searches(made: Command) -> dict[str, int]:
    """How often the logs of each stage were searched; reading them whole is an error."""
    targets: list[FakeTarget] = made.opened
    assert not any(target.logs_read for target in targets)
    return {stage: sum(target.searches for target in targets if target.stage == stage) for stage in ("east", "south")}
