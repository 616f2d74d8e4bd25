"""The tree of errors and its table of HTTP statuses: every error has a row, and none has the status 429."""

import inspect
import json
from collections.abc import Iterator

import pytest

from handlers.responses import OUTWARD, STATUSES, refusal
from shared import errors
from shared.errors import CommandDeclined, SmsReceiverError
from shared.reasons import Reason

QUEUES_ONLY = (
    errors.BackendUnavailable,
    errors.JournalUnavailable,
    errors.InDoubt,
    errors.UpstreamRefused,
    errors.Defect,
)
"""What only the queues' consumers meet, which no HTTP request of ours does."""


def raised(root: type[SmsReceiverError]) -> Iterator[type[SmsReceiverError]]:
    """What can reach an HTTP answer: the tree without its bare branches, and without what only others meet."""
    if issubclass(root, (CommandDeclined, *QUEUES_ONLY)):
        return
    if root not in {SmsReceiverError, errors.RequestRefused}:
        yield root
    for child in root.__subclasses__():
        yield from raised(child)


HTTP_ERRORS = sorted(raised(SmsReceiverError), key=lambda kind: kind.__name__)
EXAMPLES: list[SmsReceiverError] = [
    errors.InvalidKey(),
    errors.ForbiddenRole("the credential's role is Reader"),
    errors.InvalidSignature(Reason.MISSING_SIGNATURE, "the header is missing"),
    errors.InvalidSignature(Reason.UNKNOWN_ACCOUNT, "no account of this tenant"),
    errors.InvalidSignature(Reason.INVALID_SIGNATURE, "no token signed this"),
    errors.InvalidSignature(Reason.AMBIGUOUS_SIGNATURE, "it may be another message"),
    errors.Malformed("the field To is missing"),
    errors.Malformed("to: it is missing", field="to"),
    errors.WrongContentType("the content type must be application/json"),
    errors.TooLarge("the body takes too many bytes"),
    errors.TooManyMessages(41, 10),
    errors.RateLimited(60),
    errors.NotOurs(Reason.NOT_OUR_NUMBER, "from: no agent holds this number", field="from"),
    errors.NotOurs(Reason.NOT_OUR_ACCOUNT, "account: there is no such account", field="account"),
    errors.OptedOut(),
    errors.Mismatch("asked for before, with another content"),
    errors.OtherConversation(),
    errors.Configuration("STAGE is not set"),
    errors.BrokenDocument("credential 'till' exists already", "acme"),
    errors.Unavailable("the message could not be queued"),
    errors.InProgress("another invocation is at it"),
]


def test_every_error_that_can_reach_an_answer_has_a_status() -> None:
    assert {kind.__name__ for kind in STATUSES} == {kind.__name__ for kind in HTTP_ERRORS}


def test_twilio_is_never_answered_429_and_never_redirected() -> None:
    assert [kind for kind, status in STATUSES.items() if status == 429] == [errors.RateLimited]  # only SmsSend has it
    assert all(400 <= status < 600 for status in STATUSES.values())


def classes() -> list[tuple[str, type]]:
    """What shared/errors.py defines, by name."""
    return inspect.getmembers(errors, lambda member: inspect.isclass(member) and member.__module__ == errors.__name__)


def test_every_error_of_ours_is_in_one_tree() -> None:
    for _, kind in classes():
        assert issubclass(kind, SmsReceiverError)


def test_the_drawing_of_the_tree_names_every_error() -> None:
    assert errors.__doc__
    for name, _ in classes():
        assert name in errors.__doc__, f"{name} is missing in the drawing at the top of shared/errors.py"


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_answer_says_why_as_json(error: SmsReceiverError) -> None:
    answer = refusal(error)
    assert answer.status == STATUSES[type(error)]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    said = {
        "reason": error.reason,
        "message": OUTWARD.get(type(error), str(error)),
        "field": getattr(error, "field", None),
    }
    assert json.loads(answer.body) == {name: value for name, value in said.items() if value is not None}


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_answer_does_not_quote_what_is_wrong_with_us(error: SmsReceiverError) -> None:
    is_ours = not isinstance(error, errors.RequestRefused)
    assert (str(error) not in refusal(error).body) == is_ours


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_no_answer_of_ours_carries_the_challenge_which_the_gateway_would_rename(error: SmsReceiverError) -> None:
    assert "WWW-Authenticate" not in refusal(error).headers


def test_the_examples_cover_the_tree() -> None:
    assert {type(error) for error in EXAMPLES} == set(HTTP_ERRORS)


def test_a_reason_is_one_short_word_for_logs_and_metrics() -> None:
    reasons = [error.reason for error in EXAMPLES]
    assert reasons == [
        "invalid_key",
        "forbidden_role",
        "missing_signature",
        "unknown_account",
        "invalid_signature",
        "ambiguous_signature",
        "malformed",
        "malformed",
        "wrong_content_type",
        "too_large",
        "too_many_messages",
        "rate_limited",
        "not_our_number",
        "not_our_account",
        "opted_out",
        "idempotency_mismatch",
        "other_conversation",
        "configuration",
        "configuration",
        "unavailable",
        "in_progress",
    ]


@pytest.mark.parametrize("field", ["to", "\ud800", "Idempotency-Key", "a\r\nX-Evil: 1"])
def test_an_answer_names_the_field_however_odd_it_is(field: str) -> None:
    answer = refusal(errors.Malformed("it is wrong", field=field))
    assert json.loads(answer.body)["field"] == field
    assert "X-Evil" not in answer.headers
