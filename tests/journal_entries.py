"""Entries of journals as tests look at them."""

from typing import Any

from shared.tenants.agent import JournalSettings
from tests.descriptions import check_event
from tests.promises_fake import FakeReminders

TARGET = "arn:aws:sqs:us-east-1:111122223333:sms-journal"
REDACTED, WITH_TEXT = JournalSettings(TARGET), JournalSettings(TARGET, with_text=True)


def entries(queue: FakeReminders) -> list[dict[str, Any]]:
    """The entries on the queue of journals, each as it is published."""
    found: list[dict[str, Any]] = []
    for message, delay in queue.sent:
        assert (message["target"], delay) == (TARGET, 0)
        told = message["entries"]
        assert isinstance(told, list)
        found += told
    for entry in found:
        check_event(entry)
        is_in_conversation = entry["data"]["conversation"] == entry["subject"]
        assert is_in_conversation or entry["data"]["event"] in {"test", "parked"}
    return found


def ids(queue: FakeReminders) -> list[str]:
    """The ids of the entries, each once, in the order in which they came first."""
    return list(dict.fromkeys(entry["id"] for entry in entries(queue)))
