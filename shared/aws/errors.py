"""From botocore's errors to ours. Messages name the operation and AWS's error code, never a request's content."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import Unavailable


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
