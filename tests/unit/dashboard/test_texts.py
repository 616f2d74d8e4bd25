"""The pages of texts: the latest ones, one of them, and those of a person. Numbers and words are masked."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from operations.tracing.provider_message import ProviderMessage
from operations.tracing.text_record import TextRecord
from shared.messages.outbound import Parked
from tests.dashboard_site import Site, busy
from tests.fakes import ACCOUNT, NOW, OUR_NUMBER, PERSON
from tests.unit.cli.test_tracing import CONVERSATION, REPLY_SID, TEXT, line

OTHER = "SM" + "2" * 32
WORDS = "It is on its way."


@pytest.fixture
def site() -> Site:
    """A text that was answered, and a newer one on stage south that is parked."""
    made = Site(busy(), tenant="acme")
    made.command.far_logs = {
        "receiver": [line("receiver", "Accepted", ago=5, text=OTHER, conversation=CONVERSATION)],
        "forwarder": [line("forwarder", "Parked", ago=4, text=OTHER, reason="no_backend", agent="Desk0001")],
    }
    parked = Parked("acme", OTHER, "inbound", "g", "no_backend", "no backend", OUR_NUMBER, NOW, {"data": "broken"})
    made.command.stored["south"].kept["acme", OTHER] = TextRecord(parked=[parked])
    return made


def listed(site: Site, query: str = "") -> list[str]:
    """The ids of the texts on the page, in order."""
    page = site.get(f"/texts/{query}").text
    return [text_id for text_id in _in_order(page, TEXT, OTHER) if f">{text_id}</a>" in page]


def _in_order(page: str, *words: str) -> list[str]:
    return sorted((word for word in words if word in page), key=page.index)


def test_lists_the_texts_of_both_stages_the_newest_first(site: Site) -> None:
    assert listed(site) == [OTHER, TEXT]
    page = site.get("/texts/").text
    assert "The text is parked: no_backend." in page
    assert "It was answered, and the answer arrived." in page


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("?stages=one", [TEXT]),
        ("?stages=one&stage=south", [OTHER]),
        ("?state=parked", [OTHER]),
        ("?state=arrived", [TEXT]),
        ("?state=refused", []),
        ("?reason=no_backend", [OTHER]),
        ("?agent=desk", [OTHER]),
        (f"?person={PERSON[1:]}", [OTHER, TEXT]),
        (f"?person={PERSON[1:]}&agent=desk", [OTHER]),
        (f"?person={PERSON[1:]}&number={OUR_NUMBER[1:]}", [OTHER, TEXT]),
        ("?person=12025550166", []),
        ("?since=0s", []),
    ],
)
def test_the_filters_in_the_url_choose(query: str, ids: list[str], site: Site) -> None:
    assert listed(site, query) == ids


def test_those_of_one_of_our_numbers_are_known_to_the_provider_alone(site: Site) -> None:
    site.command.messages.kept = [
        ProviderMessage(OTHER, PERSON, OUR_NUMBER, is_inbound=True, at=NOW - timedelta(seconds=5), account=ACCOUNT)
    ]
    assert listed(site, f"?number={OUR_NUMBER[1:]}") == [OTHER]


@pytest.mark.parametrize("query", ["state=wondrous", "agent=nobody", "person=x%00", "number=nobody", "since=long"])
def test_a_filter_that_cannot_be_meant_is_a_sentence(query: str, site: Site) -> None:
    answer = site.get(f"/texts/?{query}")
    assert 400 <= answer.status_code < 500
    assert "Something unexpected" not in answer.text


def test_other_tenants_texts_are_not_listed_also_when_their_lines_name_this_one(site: Site) -> None:
    stranger = replace(line("receiver", "Accepted", ago=3, text=OTHER), function="receiver")
    told = json.loads(stranger.text) | {"tenant": "other", "credential": "acme"}
    site.command.far_logs = {"receiver": [replace(stranger, text=json.dumps(told))]}
    assert listed(site) == [TEXT]


def test_a_list_searches_each_stage_once_and_reads_no_log_whole_and_no_records(site: Site) -> None:
    site.get("/texts/")
    assert sum(target.searches for target in site.command.opened) == 2
    assert sum(target.logs_read for target in site.command.opened) == 0
    assert sum(records.asked for records in site.command.stored.values()) == 0


@pytest.mark.parametrize(("since", "triggers"), [("15m", 1), ("1h", 0), ("1d", 0)])
def test_only_a_list_that_is_cheap_renews_itself(since: str, triggers: int, site: Site) -> None:
    page = site.get(f"/texts/?since={since}").text
    assert page.count("hx-trigger") == triggers
    assert ">Refresh</a>" in page


def test_a_text_renews_itself_while_lines_of_it_may_still_come(site: Site) -> None:
    assert "hx-trigger" in site.get(f"/texts/{TEXT}").text


def test_a_text_renews_itself_while_something_may_become_of_it() -> None:
    command = busy()
    command.now = lambda: NOW + timedelta(minutes=3)
    site = Site(command)
    assert "hx-trigger" not in site.get(f"/texts/{TEXT}").text
    for function in ("forwarder", "sender", "statuses"):
        del site.command.logs[function]
    site.command.stored["east"].kept["acme", TEXT] = TextRecord()
    assert "hx-trigger" in site.get(f"/texts/{TEXT}").text


def test_one_text_has_its_hops_what_is_stored_and_the_verdict(site: Site) -> None:
    page = site.get(f"/texts/{TEXT}").text
    for words in ("Accepted", "Answered", "812", "the backend answered; messages: 1", "error 21408", "Hops"):
        assert words in page
    assert f"Replay {TEXT}-1" in page
    assert f'href="/parked/{TEXT}-1?stage=east"' in page


@pytest.mark.parametrize("asked", [REPLY_SID, f"{TEXT}-1"])
def test_a_text_is_found_by_the_ids_of_its_messages_too(asked: str, site: Site) -> None:
    assert "the backend answered; messages: 1" in site.get(f"/texts/{asked}").text or asked == REPLY_SID
    assert "Accepted" in site.get(f"/texts/{asked}").text


def test_an_id_that_nobody_knows_is_a_verdict_and_no_error(site: Site) -> None:
    answer = site.get(f"/texts/SM{'9' * 32}")
    assert answer.status_code == 200
    assert "Nothing is stored of it" in answer.text


@pytest.mark.parametrize("wrong", ["x", "person1", "<script>", "a b", "+12025550123", "SM-1"])
def test_what_is_no_id_is_a_sentence(wrong: str, site: Site) -> None:
    answer = site.get(f"/texts/{wrong}")
    assert answer.status_code == 404
    assert "<script>" not in answer.text


def test_numbers_and_words_are_masked_until_somebody_asks_and_that_is_in_the_audit_log(site: Site) -> None:
    path = f"/texts/{TEXT}"
    masked = site.get(path).text
    assert PERSON not in masked
    assert WORDS not in masked
    assert f"({len(WORDS)} characters)" in masked
    site.followed(site.post("/reveal", {"back": path}))
    shown = site.get(path).text
    assert PERSON in shown
    assert WORDS in shown
    assert site.command.audit.kept
    assert WORDS not in str(site.command.audit.kept)


def test_what_is_parked_is_replayed_after_asking(site: Site) -> None:
    form = {"on": "east", "parked": f"{TEXT}-1"}
    asked = site.post(f"/texts/{TEXT}/replay", form)
    assert f"Replay {TEXT}-1?" in asked.text
    assert site.command.queues["outbound"].sent == []
    assert "It is on its queue again." in site.followed(site.post(f"/texts/{TEXT}/replay", form | {"confirmed": "yes"}))
    assert [sent.event["replay"] for sent in site.command.queues["outbound"].sent] == [1]
    assert ("acme", f"{TEXT}-1") not in site.command.parking.kept
    assert "parked.replay" in str(site.command.audit.kept[-1])


@pytest.mark.parametrize("form", [{}, {"on": "west", "parked": f"{TEXT}-1"}, {"on": "east", "parked": "SM404"}])
def test_a_replay_of_nothing_is_a_sentence(form: dict[str, str], site: Site) -> None:
    answer = site.post(f"/texts/{TEXT}/replay", form | {"confirmed": "yes"})
    assert 400 <= answer.status_code < 500
    assert site.command.queues["outbound"].sent == []


def test_the_conversations_of_a_person_are_those_of_why(site: Site) -> None:
    page = site.get(f"/texts/person?person={PERSON[1:]}").text
    assert "Of 2 texts, the latest: The text is parked: no_backend" in page
    assert _in_order(page, TEXT, OTHER) == [OTHER, TEXT]
    assert PERSON not in page


def test_a_person_of_whom_nothing_is_known_is_a_verdict(site: Site) -> None:
    assert "Nothing came from this number" in site.get("/texts/person?person=12025550166").text
    assert "Type a person" in site.get("/texts/person").text


def test_a_text_without_records_shows_its_hops_alone(site: Site) -> None:
    site.command.stored["east"].kept["acme", TEXT] = TextRecord()
    page = site.get(f"/texts/{TEXT}").text
    assert "What is stored" not in page
    assert "Delivered" in page
