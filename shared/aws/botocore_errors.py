"""Converting botocore's errors to ours. Messages name what failed and AWS's error code, never contents of a request."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import Unavailable, UpstreamRefused
from shared.reasons import Reason

_LATER = frozenset(
    {
        # Any service, with any status (AWS docs, Common Errors)
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
        # Lex V2 API, RecognizeText: a concurrent request of the same session; a failure of the bot's Lambda function
        "ConflictException",
        "DependencyFailedException",
    }
)
_LATER_STATUSES = frozenset({408, 425, 429})
_SERVER_ERROR = 500


def code(error: ClientError) -> str:
    """AWS's error code, such as ResourceNotFoundException."""
    return error.response["Error"]["Code"]


@contextmanager
def unavailable(what: str) -> Iterator[None]:
    """Raises Unavailable for every error of AWS inside; `what` is the beginning of its message."""
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
    """Raises Unavailable, or UpstreamRefused for a permanent error, for every error of AWS inside.

    It is for resources that a tenant chose and may have chosen wrongly; `what` is the beginning of the message.
    """
    with unavailable(what):
        try:
            yield
        except ClientError as error:
            if _is_temporary(error):
                raise
            reason = Reason.BACKEND_REFUSED
            raise UpstreamRefused(reason, f"{what}: AWS answered {code(error)}") from error


def _is_temporary(error: ClientError) -> bool:
    """Whether the same request may succeed later. Error codes for throttling differ; SQS has RequestThrottled (403)."""
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    error_code = code(error)
    return status >= _SERVER_ERROR or status in _LATER_STATUSES or "Throttl" in error_code or error_code in _LATER
