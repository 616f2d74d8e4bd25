"""The phone of `make run`, on the deployed stack: what the terminal shows of what a person types."""

import io
import re
import sys

import pytest

from devstack.aws import LocalAws
from devstack.backend import CannedAnswer, Event, LocalBackend, parrot
from devstack.demo.demo_tenant import NUMBERS, create_demo_tenant
from devstack.demo.journey import journeys
from devstack.demo.phone import Phone
from devstack.phones import Phones
from devstack.state import StackState
from terminal.gate import screen
from tests.unit.cli.screens import written_by

STORY = " ".join(f"This is sentence number {number} of a long story." for number in range(1, 71))


def test_shows_every_part_and_every_hop_and_why_nothing_comes(
    present: StackState, phones: Phones, backend: LocalBackend, aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = create_demo_tenant(present, phones, backend)

    def answer(event: Event) -> CannedAnswer:
        return CannedAnswer((STORY,)) if "story" in event["data"]["text"] else parrot(event)

    backend.on(tenant.id, answer)
    typed = "Hi :smile:\nTell me a story\n/south\nAnd you?\nSTOP\nAnybody there?\nSTART\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    shown = written_by(lambda: Phone(phones, journeys(present, phones, aws), screen(lines=True)).use()).out

    assert f"{NUMBERS['east']}: You said: Hi :smile:" in shown
    parts = re.findall(rf"^{re.escape(NUMBERS['east'])}: (.*)  delivered$", shown, re.MULTILINE)[1:]
    assert "".join(parts).replace(" ", "") == STORY.replace(" ", "")
    for event in ("Accepted (receiver)", "Answered (forwarder)", "Sent (sender)", "Delivered (statuses)"):
        assert event in shown
    assert f"{NUMBERS['south']}: You said: And you?" in shown
    assert f"to {NUMBERS['south']} (south)>" in shown
    assert "Unanswered (forwarder)  opt_out" in shown
    assert "NotSent (sender)  opted_out" in shown
    assert "Nothing comes." in shown
