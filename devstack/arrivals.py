"""Did a text arrive? What reached the backend, by the stage that received it."""

from typing import Any

from devstack.backend import Backend

Event = dict[str, Any]


class Arrivals:
    """What arrived at a backend, in order, repetitions too."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def arrived(self, stage: str, message_id: str, *, within_seconds: float = 15) -> Event | None:
        """The event of a text, as soon as it is there; None when it does not come in time."""
        found = self._backend.wait(
            lambda heard: any(_is(one.event, stage, message_id) for one in heard), within_seconds=within_seconds
        )
        return next((event for event in self.everything(stage) if event["id"] == message_id), None) if found else None

    def everything(self, stage: str) -> list[Event]:
        """All events that arrived from a stage so far."""
        return [one.event for one in self._backend.heard() if _received_by(one.event, stage)]


def _is(event: Event, stage: str, message_id: str) -> bool:
    return _received_by(event, stage) and event["id"] == message_id


def _received_by(event: Event, stage: str) -> bool:
    return bool(event["source"].startswith(f"/sms-receiver/{stage}/"))
