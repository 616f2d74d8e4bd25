"""The hops of a text, read from what Twilio did with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

_REFUSED_BY_RECEIVER = {
    HTTPStatus.FORBIDDEN: "role or signature refused",
    HTTPStatus.BAD_REQUEST: "not understood",
}


@dataclass(frozen=True)
class DeliveryHop:
    """One hop of a text: whether it went well, and how long it took, if that is known."""

    name: str
    good: bool
    milliseconds: int | None = None


def of_delivery(delivery: dict[str, Any]) -> Iterator[DeliveryHop]:
    """The hops of a text as the twin reports them: challenge, authorized, verified and queued, or where it failed."""
    for attempt in delivery["attempts"]:
        status, milliseconds = attempt["status"], attempt["milliseconds"]
        suffix = "" if attempt["kind"] == "primary" else " (fallback)"
        if status == HTTPStatus.UNAUTHORIZED and not attempt["credentials"] and attempt["challenge"]:
            yield DeliveryHop("challenge" + suffix, good=True, milliseconds=milliseconds)
        elif status == HTTPStatus.OK:
            yield DeliveryHop("authorized" + suffix, good=True)
            yield DeliveryHop("verified" + suffix, good=True)
            yield DeliveryHop("queued" + suffix, good=True, milliseconds=milliseconds)
        elif status in _REFUSED_BY_RECEIVER:
            yield DeliveryHop("authorized" + suffix, good=True)
            yield DeliveryHop(_REFUSED_BY_RECEIVER[status] + suffix, good=False, milliseconds=milliseconds)
        elif status == HTTPStatus.UNAUTHORIZED:
            yield DeliveryHop("key refused" + suffix, good=False, milliseconds=milliseconds)
        else:
            yield DeliveryHop(
                (attempt["error"] or f"failed with {status}") + suffix, good=False, milliseconds=milliseconds
            )
