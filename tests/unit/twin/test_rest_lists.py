"""Lists of the REST API: filters and pages, query for by Twilio's own library."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.unit.twin.rest_client import Rest, until
from tests.unit.twin.webhook_receiver import ACCOUNT, NUMBER, PERSON, TOKEN, TwinOperator

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _set_up(operator: TwinOperator) -> None:
    operator.set_up("http://127.0.0.1:1")


def test_pages_through_everything_once_the_newest_first(rest: Rest) -> None:
    sent = [rest.send(body=str(number)).sid for number in range(7)]
    assert [message.sid for message in rest.client().messages.list(page_size=3)] == sent[::-1]
    first = rest.client().messages.page(page_size=3)
    assert len(list(first)) == 3
    rest.send(body="meanwhile")
    second = first.next_page()
    assert [message.sid for message in second] == sent[3:0:-1]
    third = second.next_page()
    assert [message.sid for message in third] == sent[:1]
    assert third.next_page() is None


def test_filters_by_number(rest: Rest) -> None:
    rest.send(to="+15550004444")
    sid = rest.send().sid
    messages = rest.client().messages
    assert [message.sid for message in messages.list(to=PERSON)] == [sid]
    assert [message.sid for message in messages.list(to=PERSON, from_=NUMBER, page_size=1)] == [sid]
    assert messages.list(from_=PERSON) == []


def test_a_filter_stays_on_the_next_page(rest: Rest) -> None:
    sent = []
    for _ in range(3):
        rest.send(to="+15550004444")
        sent.append(rest.send().sid)
    assert [message.sid for message in rest.client().messages.list(to=PERSON, page_size=1)] == sent[::-1]


def test_inbound_texts_are_messages_too(rest: Rest, operator: TwinOperator) -> None:
    operator.api.put(f"/numbers/{NUMBER}", json={"account_sid": ACCOUNT})
    sid = operator.text(body="Are you there?")["message_sid"]
    [message] = rest.client().messages.list(from_=PERSON)
    assert (message.sid, message.direction, message.status) == (sid, "inbound", "received")
    assert (message.to, message.body, message.num_media) == (NUMBER, "Are you there?", "0")
    assert message.date_sent is not None
    assert rest.client().messages(sid).fetch().body == "Are you there?"


def test_filters_by_the_time_of_sending(rest: Rest, operator: TwinOperator) -> None:
    sid = rest.send().sid
    until(lambda: operator.ended(sid))
    messages = rest.client().messages
    at = messages(sid).fetch().date_sent
    day = timedelta(days=1)

    def matches(**dates: datetime | str) -> bool:
        return [message.sid for message in messages.list(**dates)] == [sid]

    assert matches(date_sent=at)
    assert matches(date_sent_before=at, date_sent_after=at)
    assert matches(date_sent_after=at - SECOND)
    assert matches(date_sent_before=at + SECOND)
    assert matches(date_sent=f"{at:%Y-%m-%d}")
    assert matches(date_sent_before=f"{at:%Y-%m-%d}")
    assert matches(date_sent_after=f"{at:%Y-%m-%d}")
    assert not matches(date_sent=at + day)
    assert not matches(date_sent_after=at + SECOND)
    assert not matches(date_sent_before=at - SECOND)
    assert not matches(date_sent_after=f"{at + day:%Y-%m-%d}")
    assert not matches(date_sent_before=f"{at - day:%Y-%m-%d}")


def test_what_was_never_sent_has_no_time_of_sending(rest: Rest, operator: TwinOperator) -> None:
    operator.fail(kind="fails_later", error_code=30001)
    sid = rest.send().sid
    until(lambda: operator.ended(sid))
    assert rest.client().messages.list(date_sent_after=datetime(2020, 1, 1, tzinfo=UTC)) == []


@pytest.mark.parametrize(("name", "value"), [("DateSent", "yesterday"), ("DateSent<", "2020-13-01"), ("PageSize", "0")])
def test_refuses_an_invalid_filter(twin_url: str, name: str, value: str) -> None:
    address = f"{twin_url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    answer = httpx.get(address, params={name: value}, auth=(ACCOUNT, TOKEN), trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_a_page_has_at_most_a_thousand_items(twin_url: str) -> None:
    address = f"{twin_url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    envelopes = [
        httpx.get(address, params=query, auth=(ACCOUNT, TOKEN), trust_env=False).json()
        for query in ({}, {"PageSize": "5000"})
    ]
    assert [envelope["page_size"] for envelope in envelopes] == [50, 1000]
    assert envelopes[0]["messages"] == []
