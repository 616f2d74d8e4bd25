"""From botocore's errors to ours. Messages name the operation and AWS's error code, never a request's content."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import Refused, Unavailable
from shared.reasons import Reason

_LATER = frozenset(
    {
        # Of any service (AWS docs, Common Errors), whatever its status
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "TooManyRequestsException",
        # SQS API, SendMessage
        "OverLimit",
        # Lex V2 API, RecognizeText: another request of the same session; the bot's Lambda function failed
        "ConflictException",
        "DependencyFailedException",
    }
)
_LATER_STATUSES = frozenset({408, 425, 429})
_SERVER_ERROR = 500


def code(error: ClientError) -> str:
    """AWS's own word for what went wrong, such as ResourceNotFoundException."""
    return error.response["Error"]["Code"]


@contextmanager
def unavailable(what: str) -> Iterator[None]:
    """Turns every failure of AWS inside into Unavailable; `what` begins the sentence."""
    try:
        yield
    except ClientError as error:
        message = f"{what}: AWS answered {code(error)}"
        raise Unavailable(message) from error
    except BotoCoreError as error:
        message = f"{what}: {type(error).__name__}"
        raise Unavailable(message) from error


@contextmanager
def unavailable_or_refused(what: str) -> Iterator[None]:
    """Turns failures of AWS inside into Unavailable, or into Refused when AWS would say the same again.

    For what a tenant chose and may have chosen wrongly; `what` begins the sentence.
    """
    with unavailable(what):
        try:
            yield
        except ClientError as error:
            if _may_pass(error):
                raise
            reason = Reason.BACKEND_REFUSED
            raise Refused(reason, f"{what}: AWS answered {code(error)}") from error


def _may_pass(error: ClientError) -> bool:
    """Whether the same request may succeed later. Throttling has many names: SQS alone has RequestThrottled (a 403)."""
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    word = code(error)
    return status >= _SERVER_ERROR or status in _LATER_STATUSES or "Throttl" in word or word in _LATER
