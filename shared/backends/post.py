"""What backends that are reached by HTTP have in common: a request, its response, and what a refusal means.

`transport.py` sends the requests. It is imported when the first of these backends is opened: it takes long to import.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from shared.errors import Unavailable, UpstreamRefused
from shared.reasons import Reason

LATER = frozenset({408, 425, 429})
"""Statuses below 500 after which the same request may succeed later. So it is for every status from 500."""

BODY_MAX = 64 * 1024
"""The largest body that is read of a response, unless a request says otherwise."""

_REDIRECTS = range(300, 400)


@dataclass(frozen=True)
class BackendRequest:
    """A POST request to a backend.

    Attributes:
        timeout_seconds: the limit for everything: DNS lookup, connection, request, and the whole response.
        wants_body: whether to read the body of a success. No other body is ever read.
        success: the status of a success.
        body_max: the largest body, in bytes.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    timeout_seconds: float
    wants_body: bool
    success: int = HTTPStatus.OK
    body_max: int = BODY_MAX


@dataclass(frozen=True)
class BackendResponse:
    """A backend's response. The body is empty unless it was wanted and the status is that of a success."""

    status: int
    body: bytes = field(default=b"", repr=False)


Post = Callable[[BackendRequest], BackendResponse]
"""Sends a request.

Raises Unavailable, or UpstreamRefused when its address is not allowed or the response is unusable.
"""


class TimeLimit:
    """The time for all requests about one text.

    Args:
        seconds: how long they may take together, from now on.
        now: gives the time, with its zone.
    """

    def __init__(self, seconds: float, now: Callable[[], datetime]) -> None:
        self._seconds = seconds
        self._now = now
        self._end = now() + timedelta(seconds=seconds)

    def remaining(self) -> float:
        """The seconds for the next request. Raises Unavailable when there are none."""
        seconds = (self._end - self._now()).total_seconds()
        if seconds <= 0:
            message = f"the backend took longer than {self._seconds:g} seconds to answer"
            raise Unavailable(message)
        return seconds


def refusal(status: int) -> Unavailable | UpstreamRefused:
    """The error for a status that is no answer: whether the same request may succeed later, or never will."""
    if status in LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable(f"the backend answered {status}")
    redirect = ", a redirect, and redirects are not followed: set its target as the URL" if status in _REDIRECTS else ""
    return UpstreamRefused(Reason.BACKEND_REFUSED, f"the backend answered {status}{redirect}")
