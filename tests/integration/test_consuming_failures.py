"""What a queue's consumer answers and logs when a message could not be worked on, nor parked, nor counted."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.errors import (
    Configuration,
    Defect,
    Malformed,
    NotFound,
    OptedOut,
    SmsReceiverError,
    TooManyMessages,
    Unavailable,
    UpstreamRefused,
)
from shared.reasons import Reason
from shared.retry import CRASHES_MAX, Again, Done
from shared.telemetry import LogEvent
from tests.integration.events import delivered
from tests.integration.test_consuming import EVENT, Postponed, lines, says, taken
from tests.tries_fake import FakeTries


@pytest.mark.parametrize("error", [Unavailable("no parking"), Configuration("no setting"), Defect("no idea")])
@pytest.mark.parametrize(("receives", "seconds"), [(1, 15), (2, 30), (3, 600), (4, 600), (99, 600)])
def test_what_could_not_even_be_parked_is_no_exception_and_waits_longer_each_time(
    error: SmsReceiverError, receives: int, seconds: float, logged: Callable[[], str]
) -> None:
    queue = Postponed()
    answer = taken(delivered(json.dumps(EVENT), receives=receives), queue, says(error))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert queue.asked == [("r1", seconds)]
    (line,) = lines(logged())
    assert (line["message"], line["level"], line["detail"]) == ("Failed", "ERROR", str(error))
    assert line["after_seconds"] == str(seconds)


@pytest.mark.parametrize(
    "error",
    [
        UpstreamRefused(Reason.PROVIDER_REFUSED, "it said +12025550123"),
        NotFound("there is no +12025550123"),
        TooManyMessages(2, 1),
        OptedOut(),
    ],
)
def test_an_error_of_ours_that_nobody_expects_is_no_exception_either(
    error: SmsReceiverError, logged: Callable[[], str]
) -> None:
    queue = Postponed()
    answer = taken(delivered(json.dumps(EVENT)), queue, says(error))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert queue.asked == [("r1", 15)]
    (line,) = lines(logged())
    assert (line["message"], line["reason"]) == ("Failed", "defect")
    assert line["detail"].startswith(f"{type(error).__name__} in ")
    assert "+12025550123" not in line["detail"]


def test_what_nobody_can_park_is_refused_and_forgotten(logged: Callable[[], str]) -> None:
    queue = Postponed()
    answer = taken(delivered(json.dumps(EVENT)), queue, says(Malformed("nobody's")))
    assert answer == {"batchItemFailures": []}
    assert queue.asked == []
    [line] = lines(logged())
    assert (line["message"], line["reason"], line["detail"]) == ("Refused", "malformed", "nobody's")
    assert EVENT["id"] not in line["detail"]


def test_what_cannot_be_counted_is_not_tried(logged: Callable[[], str]) -> None:
    queue, away = Postponed(), FakeTries(failing=Unavailable("the try could not be counted"))
    answer = taken(delivered(json.dumps(EVENT), receives=2), queue, says(Done(LogEvent.SENT)), tries=away)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert queue.asked == [("r1", 30)]
    assert lines(logged())[0]["detail"] == "the try could not be counted"


def test_receives_that_nobody_worked_on_are_no_tries() -> None:
    seen = []

    def act(_event: dict[str, Any], tries: int) -> Done:
        seen.append(tries)
        return Done(LogEvent.SENT)

    taken(delivered(json.dumps(EVENT), receives=40), Postponed(), act)
    assert seen == [2], "the first receive is one, for nobody wrote down what became of it"


@pytest.mark.parametrize(("before", "is_tried"), [(CRASHES_MAX - 2, True), (CRASHES_MAX - 1, False)])
def test_what_ends_the_function_each_time_is_parked_without_another_try(
    before: int, logged: Callable[[], str], *, is_tried: bool
) -> None:
    tries = FakeTries(counted={"m1": set(range(2, 2 + before))})
    parked = Done(LogEvent.PARKED, "defect", defect=Defect("each try ended the function"))
    answer = taken(
        delivered(json.dumps(EVENT), receives=before + 2),
        Postponed(),
        says(Done(LogEvent.SENT)),
        tries=tries,
        crashed=lambda _event: parked,
    )
    assert answer == {"batchItemFailures": []}
    assert [line["message"] for line in lines(logged())] == (["Sent"] if is_tried else ["Failed", "Parked"])


HUSH = "+12025550123 wrote: hello"


@pytest.mark.parametrize("said", [Again(5, "defect", Defect("ValueError in x")), Done(LogEvent.PARKED, "defect")])
def test_a_defect_is_a_failure_of_ours_and_then_what_became_of_it(
    said: Again | Done, logged: Callable[[], str]
) -> None:
    taken(delivered(json.dumps(EVENT)), Postponed(), says(replace(said, defect=Defect("ValueError in x"))))
    failed, line = lines(logged())
    assert (failed["message"], failed["level"], failed["Failed"]) == ("Failed", "ERROR", 1)
    assert (failed["reason"], failed["detail"]) == ("defect", "ValueError in x")
    assert (failed["tenant"], failed["correlation_id"], failed["queue_message_id"]) == ("acme", "SM1", "m1")
    assert line["reason"] == "defect"


@pytest.mark.parametrize(
    "error", [ValueError(HUSH), KeyError(HUSH), MemoryError(HUSH), UnicodeEncodeError("a", HUSH, 0, 1, "b")]
)
def test_what_not_even_parking_foresaw_is_no_exception_and_not_quoted(
    error: Exception, logged: Callable[[], str]
) -> None:
    def act(_event: dict[str, Any], _receives: int) -> Done:
        raise error

    answer = taken(delivered(json.dumps(EVENT)), Postponed(), act)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    written = logged()
    assert "2025550123" not in written
    assert lines(written)[0]["detail"].startswith(f"{type(error).__name__} in handlers.sqs_consumer, line ")
