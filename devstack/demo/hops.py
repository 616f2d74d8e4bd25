"""From what Twilio did with a text to the hops of its way."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

_REFUSED_BY_RECEIVER = {
    HTTPStatus.FORBIDDEN: "role or signature refused",
    HTTPStatus.BAD_REQUEST: "not understood",
}


@dataclass(frozen=True)
class Hop:
    """One step of a text, whether it went well, and the time it took, where that is known."""

    name: str
    good: bool
    milliseconds: int | None = None


def of_delivery(done: dict[str, Any]) -> Iterator[Hop]:
    """The hops of a text as the twin tells them: challenge, authorized, verified and queued, or where it ended."""
    for attempt in done["attempts"]:
        status, took = attempt["status"], attempt["milliseconds"]
        by = "" if attempt["kind"] == "primary" else " (fallback)"
        if status == HTTPStatus.UNAUTHORIZED and not attempt["credentials"] and attempt["challenge"]:
            yield Hop("challenge" + by, good=True, milliseconds=took)
        elif status == HTTPStatus.OK:
            yield Hop("authorized" + by, good=True)
            yield Hop("verified" + by, good=True)
            yield Hop("queued" + by, good=True, milliseconds=took)
        elif status in _REFUSED_BY_RECEIVER:
            yield Hop("authorized" + by, good=True)
            yield Hop(_REFUSED_BY_RECEIVER[status] + by, good=False, milliseconds=took)
        elif status == HTTPStatus.UNAUTHORIZED:
            yield Hop("key refused" + by, good=False, milliseconds=took)
        else:
            yield Hop((attempt["error"] or f"failed with {status}") + by, good=False, milliseconds=took)
