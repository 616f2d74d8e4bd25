"""Did a text arrive? The one place that knows; a consumer will stand behind the queue one day."""

import json
import time
from typing import Any

from cli.local.aws import LocalAws
from cli.local.state import State

Event = dict[str, Any]


class Arrivals:
    """What arrived at the agent's queue of each stage, in order. It takes the events off the queues and keeps them."""

    def __init__(self, present: State, aws: LocalAws) -> None:
        self._queues = {
            name: (aws.sqs(stage.region), stage.queues["inbound"]) for name, stage in present.stages.items()
        }
        self._events: dict[str, list[Event]] = {name: [] for name in present.stages}

    def arrived(self, stage: str, message_id: str, *, within_seconds: float = 5) -> Event | None:
        """The event of a text, as soon as it is there; None when it does not come in time."""
        deadline = time.monotonic() + within_seconds
        while True:
            for event in self.everything(stage):
                if event["id"] == message_id:
                    return event
            if time.monotonic() > deadline:
                return None

    def everything(self, stage: str) -> list[Event]:
        """All events that arrived at a stage so far, in the order of their arrival."""
        sqs, url = self._queues[stage]
        while True:
            answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
            messages = answer.get("Messages", [])
            for message in messages:
                self._events[stage].append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if not messages:
                return list(self._events[stage])
