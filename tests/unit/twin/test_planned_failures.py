"""Failures on demand: what a client of the REST API must be ready for."""

import time
from collections.abc import Callable

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.unit.twin.rest_client import Rest, until
from tests.unit.twin.webhook_receiver import NUMBER, PERSON, TwinOperator

STRANGER = "+15550004444"


@pytest.fixture(autouse=True)
def _set_up(operator: TwinOperator) -> None:
    operator.set_up("http://127.0.0.1:1")


def refused(action: Callable[[], object]) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as error:
        action()
    return error.value.status, error.value.code


@pytest.mark.parametrize(
    ("plan", "answer"),
    [
        ({"status": 429}, (429, 20429)),
        ({"status": 429, "code": 20429}, (429, 20429)),
        ({"status": 500}, (500, 20500)),
        ({"status": 503}, (503, 20503)),
        ({"status": 400, "code": 21610}, (400, 21610)),
        ({"status": 400, "code": 21211}, (400, 21211)),
        ({"status": 400, "code": 21660}, (400, 21660)),
        ({"status": 400, "code": 30007}, (400, 30007)),
        ({}, (500, 20500)),
    ],
)
def test_the_next_messages_are_refused_as_planned(
    rest: Rest, operator: TwinOperator, plan: dict[str, int], answer: tuple[int, int]
) -> None:
    operator.fail(**plan, count=2)
    assert [refused(rest.send), refused(rest.send)] == [answer, answer]
    assert operator.api.get("/messages").get_json() == []
    assert rest.send().status == "queued"


def test_a_failure_may_apply_to_some_messages_only(rest: Rest, operator: TwinOperator) -> None:
    operator.fail(to=STRANGER, status=503)
    operator.fail(**{"from": "+15550009999"}, status=503)
    assert rest.send().status == "queued"
    assert refused(lambda: rest.send(to=STRANGER)) == (503, 20503)
    assert rest.send(to=STRANGER).status == "queued"


def test_a_count_of_zero_lasts_until_it_is_cleared(rest: Rest, operator: TwinOperator) -> None:
    operator.fail(count=0, status=429)
    assert {refused(rest.send) for _ in range(3)} == {(429, 20429)}
    assert [planned["count"] for planned in operator.api.get("/rest/failures").get_json()] == [0]
    assert operator.api.delete("/rest/failures").get_json() == []
    assert rest.send().status == "queued"


def test_an_answer_can_be_lost_while_the_message_goes_on(rest: Rest, operator: TwinOperator) -> None:
    operator.fail(kind="lost_answer")
    with pytest.raises(requests.ConnectionError):
        rest.send(body="Did you get it?")
    until(operator.phone)
    assert [message.body for message in rest.client().messages.list(to=PERSON, from_=NUMBER)] == ["Did you get it?"]
    assert rest.send().status == "queued"


def test_a_lost_answer_can_keep_the_client_waiting(rest: Rest, operator: TwinOperator) -> None:
    operator.fail(kind="lost_answer", seconds=1)
    began = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        rest.send()
    assert time.monotonic() - began >= 1
    assert [message["body"] for message in operator.phone()] == ["Hello"]


@pytest.mark.parametrize(
    ("plan", "ending"),
    [
        ({"error_code": 30001}, ("failed", 30001)),
        ({}, ("failed", 30001)),
        ({"error_code": 30003, "ends": "undelivered"}, ("undelivered", 30003)),
        ({"error_code": 21610}, ("failed", 21610)),
    ],
)
def test_a_message_can_fail_after_it_was_accepted(
    rest: Rest, operator: TwinOperator, plan: dict[str, object], ending: tuple[str, int]
) -> None:
    operator.fail(kind="fails_later", **plan)
    sid = rest.send().sid
    message = until(lambda: operator.ended(sid))
    assert (message["status"], message["error_code"]) == ending
    assert operator.phone() == []


def test_lists_the_failures_still_to_come(rest: Rest, operator: TwinOperator) -> None:
    operator.fail(kind="fails_later", to=PERSON, count=3)
    rest.send()
    assert operator.api.get("/rest/failures").get_json() == [
        {
            "kind": "fails_later",
            "to": PERSON,
            "from": None,
            "count": 2,
            "status": None,
            "code": None,
            "seconds": 0,
            "ends": "failed",
            "error_code": 30001,
        }
    ]


@pytest.mark.parametrize(
    ("path", "method", "body", "field"),
    [
        ("/rest/failures", "POST", {"kind": "refused_connection"}, "kind"),
        ("/rest/failures", "POST", {"status": 200}, "status"),
        ("/rest/failures", "POST", {"status": "500"}, "status"),
        ("/rest/failures", "POST", {"status": 418}, "code"),
        ("/rest/failures", "POST", {"count": -1}, "count"),
        ("/rest/failures", "POST", {"count": True}, "count"),
        ("/rest/failures", "POST", {"kind": "lost_answer", "seconds": 601}, "seconds"),
        ("/rest/failures", "POST", {"kind": "fails_later", "ends": "lost"}, "ends"),
        ("/rest/failures", "POST", {"kind": "fails_later", "error_code": 3}, "error_code"),
        ("/rest/failures", "POST", {"sender": PERSON}, "sender"),
        ("/callbacks", "PUT", {"shuffle": "no"}, "shuffle"),
        ("/callbacks", "PUT", {"order": False}, "order"),
        ("/accounts/AC1", "PUT", {"auth_token": "t", "rest_keys": {"AC2": "s"}}, "rest_keys"),
        ("/accounts/AC1", "PUT", {"auth_token": "t", "rest_keys": {"SK2": ""}}, "SK2"),
        ("/accounts/AC1", "PUT", {"auth_token": "t", "protected_media": 1}, "protected_media"),
        (
            "/texts",
            "POST",
            {"from": PERSON, "to": NUMBER, "media": [{"content_type": "a/b", "content": "?"}]},
            "content",
        ),
    ],
)
def test_refuses_a_wrong_plan_and_names_the_field(
    operator: TwinOperator, path: str, method: str, body: dict[str, object], field: str
) -> None:
    answer = operator.api.open(path, method=method, json=body)
    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith(f"{field}: ")
    assert operator.api.get("/rest/failures").get_json() == []
