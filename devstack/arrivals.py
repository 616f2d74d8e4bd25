"""The texts that reached the backend, by the stage that received them."""

from typing import Any

from devstack.backend import LocalBackend

Event = dict[str, Any]


class Arrivals:
    """The events that arrived at a backend, in order, with repetitions."""

    def __init__(self, backend: LocalBackend) -> None:
        self._backend = backend

    def arrived(self, stage: str, message_id: str, *, within_seconds: float = 15) -> Event | None:
        """The event of a text, as soon as it has arrived; None when it does not arrive in time."""
        in_time = self._backend.wait(
            lambda heard: any(_is(request.event, stage, message_id) for request in heard), within_seconds=within_seconds
        )
        if not in_time:
            return None
        return next((event for event in self.everything(stage) if event["id"] == message_id), None)

    def everything(self, stage: str) -> list[Event]:
        """All events that arrived from a stage so far."""
        return [request.event for request in self._backend.heard() if _received_by(request.event, stage)]


def _is(event: Event, stage: str, message_id: str) -> bool:
    return _received_by(event, stage) and event["id"] == message_id


def _received_by(event: Event, stage: str) -> bool:
    return bool(event["source"].startswith(f"/sms-receiver/{stage}/"))
