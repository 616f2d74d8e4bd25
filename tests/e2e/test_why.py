"""Mistakes of all kinds, and that one command names the cause of each: a row for each mistake."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from devstack.backend import CannedAnswer
from devstack.phones import Phones
from operations.tracing.outcomes import TraceState
from shared.aws.send_limits import DynamoSendLimits
from shared.tenants.account import RestKey
from shared.tenants.tenant import Role
from tests.e2e.lines import fresh_number, message_id, sign
from tests.e2e.operators import done, sms
from tests.e2e.programs import send
from tests.e2e.talks import Talk, Talks
from tests.e2e.waiting import until


def _texted(talk: Talk, phones: Phones) -> str:
    """The person's number, when a text of theirs was delivered or not."""
    phones.text(sender=talk.person.address, to=talk.line.number, body="is anybody there?")
    return talk.person.address


def _webhook(webhook: Callable[[Talk], str], method: str = "POST") -> "Make":
    """Somebody changes the number's webhook at Twilio."""

    def make(talk: Talk, talks: Talks) -> str:
        number = {"account_sid": talk.line.account, "sms_url": webhook(talk), "sms_method": method}
        path = f"{talks.phones.url}/numbers/{talk.line.number}"
        httpx.put(path, json=number, trust_env=False).raise_for_status()
        return _texted(talk, talks.phones)

    return make


def _backend(answer: CannedAnswer) -> "Make":
    """The backend answers every text so."""

    def make(talk: Talk, talks: Talks) -> str:
        talks.backend.on(talk.line.tenant, lambda _: answer)
        return _texted(talk, talks.phones)

    return make


def _other_token(talk: Talk, talks: Talks) -> str:
    """Twilio signs with a token that was not stored."""
    token = secrets.token_hex(16)
    talks.lines.secret.add(token)
    talks.phones.set_account(talk.line.account, auth_token=token)
    return _texted(talk, talks.phones)


def _reader(talk: Talk, talks: Talks) -> str:
    """The key's credential is made a Reader."""
    [credential] = talks.lines.tenant(talk.line).credentials
    talks.lines.change(talk.line, credentials=(replace(credential, role=Role.READER),))
    return _texted(talk, talks.phones)


def _revoked(talk: Talk, talks: Talks) -> str:
    """The key is revoked."""
    talks.lines.issue(talk.line, "another")
    done("credential", "revoke", "phone", *_here(talk))
    return _texted(talk, talks.phones)


def _released(talk: Talk, talks: Talks) -> str:
    """The number is taken from its agent."""
    done("number", "release", talk.line.number, *_here(talk))
    return _texted(talk, talks.phones)


def _no_backend(talk: Talk, talks: Talks) -> str:
    """The agent loses its backend."""
    tenant = talks.lines.tenant(talk.line)
    talks.lines.change(talk.line, agents=(replace(tenant.agents[0], backend=None),))
    return _texted(talk, talks.phones)


def _opted_out(talk: Talk, talks: Talks) -> str:
    """The person wrote STOP, and then a text."""
    talk.person.text("STOP")
    assert talk.queues.settle()
    return _texted(talk, talks.phones)


def _at(talk: Talk, talks: Talks, ours: str, person: str) -> str:
    """The person's address, when a text of theirs was sent to this address of the agent's."""
    talks.lines.secret.add(person.rpartition(":")[2])
    talks.phones.text(sender=person, to=ours, body="is anybody there?")
    assert talk.queues.settle()
    return person


def _opted_out_here(talk: Talk, talks: Talks) -> str:
    """The person wrote STOP by WhatsApp, where Twilio does not keep it, and then a text."""
    ours, person = f"whatsapp:{talk.line.number}", f"whatsapp:{fresh_number()}"
    talks.phones.text(sender=person, to=ours, body="STOP")
    return _at(talk, talks, ours, person)


def _opted_out_by_operator(talk: Talk, talks: Talks) -> str:
    """An operator stopped what is sent to the person."""
    ours, person = f"whatsapp:{talk.line.number}", f"whatsapp:{fresh_number()}"
    done("optout", "add", person, "--number", ours, *_here(talk))
    return _at(talk, talks, ours, person)


def _short_code(talk: Talk, talks: Talks) -> str:
    """A short code texts, such as a bank's, and cannot be answered."""
    return _at(talk, talks, talk.line.number, str(10_000 + secrets.randbelow(900_000)))


def _undelivered(code: int) -> "Make":
    """Twilio takes the answer and cannot deliver it."""

    def make(talk: Talk, talks: Talks) -> str:
        talks.phones.fail(kind="fails_later", to=talk.person.address, error_code=code, ends="undelivered")
        return _texted(talk, talks.phones)

    return make


def _refused_by_twilio(code: int) -> "Make":
    """Twilio refuses the answer."""

    def make(talk: Talk, talks: Talks) -> str:
        talks.phones.fail(kind="status", to=talk.person.address, code=code, status=400)
        return _texted(talk, talks.phones)

    return make


def _no_rest_key(talk: Talk, talks: Talks) -> str:
    """The REST key was deleted at Twilio."""
    talks.phones.set_account(talk.line.account, auth_token=talk.line.token, rest_keys={})
    return _texted(talk, talks.phones)


def _secondary_token(talk: Talk, talks: Talks) -> str:
    """Twilio signs with a token that was not stored, and accepts the REST key."""
    token = secrets.token_hex(16)
    talks.lines.secret.add(token)
    talks.phones.set_account(talk.line.account, auth_token=token, rest_keys={KEY.sid: KEY.secret})
    return _texted(talk, talks.phones)


def _other_account(talk: Talk, talks: Talks) -> str:
    """The number was moved to an account that is not stored."""
    account, token = "AC" + secrets.token_hex(16), secrets.token_hex(16)
    talks.lines.secret.add(token)
    talks.phones.set_account(account, auth_token=token)
    talks.phones.set_number(talk.line.number, account=account, webhook=talk.line.webhook)
    return _texted(talk, talks.phones)


def _other_tenant(talk: Talk, talks: Talks) -> str:
    """Another tenant's agent was given the number."""
    other = talks.begin("east")
    done("number", "release", talk.line.number, *_here(talk))
    done("number", "assign", talk.line.number, "--agent", "helper", *_here(other))
    return _texted(talk, talks.phones)


def _asked_at_the_wrong_tenant(talk: Talk, talks: Talks) -> str:
    """The operator asks one tenant about another one's number."""
    assert talk.line.tenant
    return talks.begin("east").line.number


def _connected_and_released(talk: Talk, talks: Talks) -> str:
    """A connected number was taken from its agent."""
    done("number", "connect", talk.line.number, *_here(talk))
    done("number", "release", talk.line.number, *_here(talk))
    _texted(talk, talks.phones)
    return talk.line.number


def _in_service(talk: Talk, talks: Talks) -> str:
    """The number is in a Messaging Service that takes its texts elsewhere."""
    service, elsewhere = "MG" + secrets.token_hex(16), "https://third.example.com/texts"
    number = {"account_sid": talk.line.account, "sms_url": talk.line.webhook, "sms_method": "POST"}
    for path, body in (
        (f"/services/{service}", {"account_sid": talk.line.account, "inbound_request_url": elsewhere}),
        (f"/numbers/{talk.line.number}", {**number, "messaging_service_sid": service}),
    ):
        httpx.put(f"{talks.phones.url}{path}", json=body, trust_env=False).raise_for_status()
    return _texted(talk, talks.phones)


def _taken_by_conversations(talk: Talk, talks: Talks) -> str:
    """Something at Twilio took the text past the number's webhook, as Autocreate of Conversations does."""
    number = {"account_sid": talk.line.account, "sms_url": None, "sms_method": "POST"}
    httpx.put(f"{talks.phones.url}/numbers/{talk.line.number}", json=number, trust_env=False).raise_for_status()
    sid: str = talks.phones.text(sender=talk.person.address, to=talk.line.number, body="hello?")["message_sid"]
    talks.phones.set_number(talk.line.number, account=talk.line.account, webhook=talk.line.webhook)
    return sid


def _late_answer_refused(talk: Talk, talks: Talks) -> str:
    """The backend promised an answer, and sent more messages than a key may."""
    talks.backend.on(talk.line.tenant, lambda _: CannedAnswer(status=202))
    sid = talk.person.text("is anybody there?")
    assert talk.queues.settle()
    _use_up_the_limit(talk, talks)
    answer = send(talk.line, to=talk.person.address, text="yes", in_reply_to=sid)
    assert answer.json()["reason"] == "rate_limited"
    return sid


def _use_up_the_limit(talk: Talk, talks: Talks) -> None:
    """All that the tenant may send in this minute and the next is sent."""
    stage = talks.lines.present.stages[talk.line.stage]
    limits = DynamoSendLimits(talks.aws.dynamodb(stage.region), stage.tables["state"])
    [credential] = talks.lines.tenant(talk.line).credentials
    now, per = datetime.now(UTC).replace(second=0, microsecond=0), timedelta(minutes=1)
    for begin in (now, now + per):
        assert limits.admit(
            talk.line.tenant, credential.id, 600, most_of_key=600, most_of_tenant=600, begin=begin, per=per
        )


def _status_posted_as_text(talk: Talk, talks: Talks) -> str:
    """The one URL was pasted into the status callback, too."""
    sid = message_id()
    form = {name: value for name, value in talk.line.form(MessageSid=sid).items() if name not in {"Body", "NumMedia"}}
    assert talk.line.post({**form, "MessageStatus": "delivered"}).status_code == 200
    return sid


def _nobody_wrote(talk: Talk, _talks: Talks) -> str:
    """The person wrote to another number."""
    return talk.person.address


Make = Callable[[Talk, Talks], str]
KEY = RestKey("SK" + secrets.token_hex(16), secrets.token_urlsafe(24))


@dataclass(frozen=True)
class Mistake:
    """A mistake, and what names its cause.

    Attributes:
        name: the mistake, in a few words.
        make: makes it and has a person write; returns what an operator asks about.
        state: what `why` says in one word.
        says: what its sentence must have, each of them.
        see: what one of the places to look at must have.
        unlike: what it must not say, because it would mislead.
        agent: what the agent has that others do not, such as `statuses`.
    """

    name: str
    make: Make
    state: TraceState
    says: tuple[str, ...]
    see: str = ""
    unlike: str = "\0"
    agent: Mapping[str, Any] = field(default_factory=dict)


MISTAKES = (
    Mistake("the backend is down", _backend(CannedAnswer(status=503)), TraceState.PARKED, ("backend_unavailable",)),
    Mistake("the backend refuses", _backend(CannedAnswer(status=400)), TraceState.PARKED, ("backend_refused",)),
    Mistake("the backend talks nonsense", _backend(CannedAnswer(body=b"{")), TraceState.PARKED, ("backend_nonsense",)),
    Mistake(
        "an auth token that is not stored",
        _other_token,
        TraceState.REFUSED,
        ("invalid_signature", "Twilio does not accept the auth tokens"),
        "doctor signature",
    ),
    Mistake(
        "a wrong path at Twilio",
        _webhook(lambda talk: talk.line.webhook.replace("SmsRecv", "SmsReceive")),
        TraceState.UNREACHED,
        ("it did not reach us", "got 404", "The number's webhook is:", "SmsReceive; it should be:"),
        "number connect",
    ),
    Mistake(
        "a wrong key at Twilio",
        _webhook(lambda talk: talk.line.webhook.replace(talk.line.key, talk.line.key[:-4] + "AAAA")),
        TraceState.UNREACHED,
        ("got 401", "The number's API key is: not one of ours"),
        "number connect",
    ),
    Mistake(
        "GET at Twilio",
        _webhook(lambda talk: talk.line.webhook, "GET"),
        TraceState.UNREACHED,
        ("with GET", "The number's method is: GET; it should be: POST."),
        "number connect",
    ),
    Mistake(
        "YOUR_API_KEY as it stands",
        _webhook(lambda talk: talk.line.webhook.replace(talk.line.key, "YOUR_API_KEY")),
        TraceState.UNREACHED,
        ("got 401", "The number's API key is: not one of ours"),
        "number connect",
    ),
    Mistake(
        "the number goes elsewhere",
        _webhook(lambda _: "https://third.example.com/texts"),
        TraceState.UNREACHED,
        ("https://third.example.com/texts; it should be:",),
        "number connect",
    ),
    Mistake(
        "the key was revoked",
        _revoked,
        TraceState.UNREACHED,
        ("got 401", "The number's API key is: revoked or unknown"),
        "number connect",
    ),
    Mistake("the key's credential is a Reader", _reader, TraceState.REFUSED, ("forbidden_role", "Reader")),
    Mistake("the number was taken from its agent", _released, TraceState.PARKED, ("no_agent", "number assign")),
    Mistake("the agent has no backend", _no_backend, TraceState.PARKED, ("no_backend",)),
    Mistake("the person opted out", _opted_out, TraceState.FAILED, ("the person wrote STOP", "21610")),
    Mistake(
        "the person opted out by WhatsApp",
        _opted_out_here,
        TraceState.UNANSWERED,
        ("the person wrote STOP", "They wrote STOP at", "sends them nothing from whatsapp:"),
        "optout remove whatsapp:",
    ),
    Mistake(
        "an operator stopped the person",
        _opted_out_by_operator,
        TraceState.UNANSWERED,
        ("An operator stopped them at",),
        "optout remove whatsapp:",
        unlike="They wrote STOP",
    ),
    Mistake(
        "202, and no answer yet",
        _backend(CannedAnswer(status=202)),
        TraceState.WAITING,
        ("the backend, which said that it will answer later: due at",),
        "waiting",
        unlike="forwarder",
    ),
    Mistake(
        "202, and never an answer",
        _backend(CannedAnswer(status=202)),
        TraceState.OVERDUE,
        ("has not in the time of its agent, which was over at",),
        "waiting",
        agent={"answer_within_seconds": 1.0},
    ),
    Mistake(
        "a late answer is refused",
        _late_answer_refused,
        TraceState.WAITING,
        ("which said that it will answer later", "A late answer to it was refused: rate_limited."),
        "operations.md",
    ),
    Mistake("the backend says nothing", _backend(CannedAnswer()), TraceState.UNANSWERED, ("no_message",)),
    Mistake(
        "the backend says too much",
        _backend(CannedAnswer(("and another thing " * 1200,))),
        TraceState.PARKED,
        ("too_many_messages",),
    ),
    Mistake(
        "the phone is off",
        _undelivered(30003),
        TraceState.FAILED,
        ("error 30003", "switched off or out of reach"),
        "errors/30003",
        agent={"statuses": True},
    ),
    Mistake(
        "the number is in no A2P campaign",
        _undelivered(30034),
        TraceState.FAILED,
        ("error 30034", "A2P 10DLC campaign", "register brand and campaign"),
        "errors/30034",
    ),
    Mistake(
        "the person's number is a landline",
        _refused_by_twilio(21614),
        TraceState.FAILED,
        ("the answer was not sent: unreachable, error 21614", "no mobile number"),
        "errors/21614",
        unlike="STOP",
    ),
    Mistake(
        "a short code texted",
        _short_code,
        TraceState.FAILED,
        ("the answer was not sent: unreachable, error 21265", "a short code cannot be texted"),
        "errors/21265",
        unlike="STOP",
    ),
    Mistake(
        "Twilio refuses the answer",
        _refused_by_twilio(21606),
        TraceState.PARKED,
        ("provider_refused", "21606", "cannot send messages to this person"),
        "parked show",
    ),
    Mistake(
        "the person's country is not allowed",
        _refused_by_twilio(21408),
        TraceState.PARKED,
        ("21408", "Geo permissions"),
        "parked show",
    ),
    Mistake(
        "the number is in another region of Twilio",
        _refused_by_twilio(21663),
        TraceState.PARKED,
        ("21663", "another region of Twilio", "--region"),
        "parked show",
    ),
    Mistake(
        "the REST key was deleted",
        _no_rest_key,
        TraceState.PARKED,
        ("provider_unauthorized", "REST key"),
        "parked show",
        agent={"rest_key": KEY},
    ),
    Mistake(
        "a token that is not stored signs, and a REST key is accepted",
        _secondary_token,
        TraceState.REFUSED,
        ("invalid_signature", "None of the account's auth tokens signed this request"),
        "doctor signature",
        agent={"rest_key": KEY},
    ),
    Mistake(
        "the number is in an account that is not stored",
        _other_account,
        TraceState.REFUSED,
        ("unknown_account", "twilio set-account"),
    ),
    Mistake(
        "another tenant's agent has the number",
        _other_tenant,
        TraceState.PARKED,
        ("no_agent", "An agent of tenant 't", "has this number"),
        "number release",
    ),
    Mistake(
        "asked about a number of another tenant's",
        _asked_at_the_wrong_tenant,
        TraceState.UNREACHED,
        ("An agent of tenant 't", "has this number"),
        "why +1",
        unlike="Nothing came from this number",
    ),
    Mistake(
        "a connected number was taken from its agent",
        _connected_and_released,
        TraceState.UNREACHED,
        ("The number's agent is: none; it should be: one that gets its texts",),
        "number assign",
    ),
    Mistake(
        "a Messaging Service takes the texts",
        _in_service,
        TraceState.UNREACHED,
        ("The number's Messaging Service is: MG", "takes the texts"),
        "number connect",
    ),
    Mistake(
        "Conversations take the texts",
        _taken_by_conversations,
        TraceState.UNREACHED,
        ("connected as it should be", "Conversations", "Autocreate"),
        "number check",
        unlike="number connect",
    ),
    Mistake(
        "the URL for texts as status callback", _status_posted_as_text, TraceState.MISDIRECTED, ("status callback",)
    ),
    Mistake(
        "the person wrote to another number",
        _nobody_wrote,
        TraceState.UNKNOWN,
        ("Twilio has no text from it",),
        "number check",
    ),
)


def _here(talk: Talk) -> tuple[str, ...]:
    return ("--stage", talk.line.stage, "--tenant", talk.line.tenant, "--yes")


def _why(talk: Talk, what: str) -> dict[str, Any]:
    ran = sms("why", what, "--since", "1h", *_here(talk))
    assert ran.returncode in {0, 3}, ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout)
    assert (ran.returncode == 0) == (answer["state"] in {"arrived", "retrying", "sent", "unanswered", "waiting"})
    return answer


@pytest.mark.parametrize("mistake", MISTAKES, ids=[mistake.name for mistake in MISTAKES])
def test_why_names_the_cause(mistake: Mistake, talks: Talks) -> None:
    talk = talks.begin("east", **mistake.agent)
    asked = mistake.make(talk, talks)
    answers: list[dict[str, Any]] = []

    def is_said() -> bool:
        answers.append(_why(talk, asked))
        is_complete = all(said in answers[-1]["verdict"] for said in mistake.says)
        return answers[-1]["state"] == mistake.state and is_complete

    until(is_said, within_seconds=80)  # of a text that came in this minute Twilio may say nothing yet

    answer = answers[-1]
    missing = [said for said in mistake.says if said not in answer["verdict"]]
    assert (answer["state"], missing) == (mistake.state, []), answer["verdict"]
    assert mistake.unlike not in answer["verdict"]
    assert any(mistake.see in place for place in answer["see"]) or not mistake.see, answer["see"]


def test_a_text_that_comes_through_the_wrong_stage_is_answered_and_number_check_names_it(talks: Talks) -> None:
    talk = talks.begin("east")
    done("number", "connect", talk.line.number, *_here(talk))
    webhook = talks.lines.on("south", talk.line).webhook
    talks.phones.set_number(talk.line.number, account=talk.line.account, webhook=webhook)
    asked = _texted(talk, talks.phones)

    for query in (asked, talk.line.number):
        assert until(lambda query=query: _why(talk, query)["state"] == "arrived", within_seconds=30)  # type: ignore[misc] # bound now
    checked = sms("number", "check", talk.line.number, *_here(talk))

    assert checked.returncode == 3
    [number] = json.loads(checked.stdout)
    assert "webhook" in [difference["what"] for difference in number["differences"]]


def _hops(talk: Talk) -> list[dict[str, Any]]:
    """What `tail` has of the tenant, once there is something."""
    asked = ("tail", "--once", "--since", "5m", "--stage", talk.line.stage, "--tenant", talk.line.tenant)
    return until(lambda: [json.loads(hop) for hop in sms(*asked).stdout.splitlines()], within_seconds=30)


def test_a_message_that_the_api_refuses_is_named_by_tail(talks: Talks) -> None:
    talk = talks.begin("east")
    _use_up_the_limit(talk, talks)
    assert send(talk.line, to=talk.person.address, text="hello").json()["reason"] == "rate_limited"
    [hop] = _hops(talk)
    assert (hop["outcome"], hop["reason"], hop["function"]) == ("Refused", "rate_limited", "api")


def test_a_call_that_came_to_the_url_for_texts_is_named_by_tail(talks: Talks) -> None:
    talk = talks.begin("east")
    form = {"CallSid": "CA" + secrets.token_hex(16), "CallStatus": "ringing", "Direction": "inbound"}
    addressed = {"AccountSid": talk.line.account, "From": talk.person.address, "To": talk.line.number}
    assert talk.line.post({**form, **addressed}).status_code == 200
    [hop] = _hops(talk)
    assert (hop["outcome"], hop["reason"], hop["function"]) == ("Misdirected", "voice_webhook", "receiver")


def test_a_blank_field_that_was_lost_on_the_way_is_named_by_doctor_signature(talks: Talks) -> None:
    line = talks.begin("east").line
    form = line.form(FromCity="")
    arrived = {name: value for name, value in form.items() if value}
    signature = sign(line.token, line.url, {**form, "FromCity": ""})
    asked = ("doctor", "signature", "--tenant", line.tenant, "--url", line.url, "--signature", signature)

    ran = sms(*asked, typed=urlencode(arrived) + "\n")

    assert ran.returncode in {0, 3}, ran.stderr
    assert "blank" in ran.stdout


def test_the_sentence_comes_first_on_standard_output_and_without_any_mistake_the_exit_code_is_0(talks: Talks) -> None:
    talk = talks.begin("south")
    sid = talk.person.text("is anybody there?")
    assert talk.person.sees(1)
    assert until(lambda: _why(talk, sid)["state"] == "arrived", within_seconds=30)

    for asked in (talk.person.address, sid, f"{sid}-1", talks.phones.screen(talk.person.address)[-1]["message_sid"]):
        answer = _why(talk, asked)
        assert (answer["state"], answer["verdict"]) == ("arrived", "It was answered, and the answer arrived.")
    [text] = answer["texts"]
    assert text["stored"]["south"]["messages"] == 1
    assert text["stored"]["south"]["replies"][0]["status"] == "delivered"
    assert answer["complete"]


def test_asked_about_our_own_number_it_says_what_keeps_its_texts_from_their_agent(talks: Talks) -> None:
    talk = talks.begin("east")
    done("number", "connect", talk.line.number, *_here(talk))
    talk.person.text("is anybody there?")
    assert talk.person.sees(1)
    assert until(lambda: _why(talk, talk.line.number)["state"] == "arrived", within_seconds=30)

    talks.phones.set_number(talk.line.number, account=talk.line.account, webhook="https://third.example.com/texts")

    answer = _why(talk, talk.line.number)
    assert answer["state"] == "unreached"
    assert "Texts to this number do not reach their agent. The number's webhook is: https://third" in answer["verdict"]
