"""The phone of `make run`: every part, every hop, a reason when nothing comes, and one number until it is changed."""

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from devstack.demo.demo_tenant import NUMBERS
from devstack.demo.journey import Journeys
from devstack.demo.phone import Phone
from operations.tracing.hop import Hop
from shared.telemetry import LogEvent
from terminal.gate import screen
from tests.fakes import NOW
from tests.unit.cli.screens import written_by

ATTEMPTS = [
    {"status": 401, "credentials": False, "challenge": True, "milliseconds": 3, "kind": "primary", "error": None},
    {"status": 200, "credentials": True, "challenge": False, "milliseconds": 12, "kind": "primary", "error": None},
]


def hop(event: LogEvent, function: str, after: float, *, reason: str | None = None, **details: object) -> Hop:
    return Hop(f"{event} {after}", NOW + timedelta(seconds=after), "east", function, event, reason, dict(details))


ACCEPTED = hop(LogEvent.ACCEPTED, "receiver", 1)
ANSWERED = hop(LogEvent.ANSWERED, "forwarder", 2, BackendMs=7)


def sent(part: int) -> Hop:
    return hop(LogEvent.SENT, "sender", 2 + part, reply=str(part))


def delivered(part: int) -> Hop:
    return hop(LogEvent.DELIVERED, "receiver", 2.5 + part, reply=str(part))


def message(body: str, status: str = "delivered") -> dict[str, Any]:
    return {"from": NUMBERS["east"], "body": body, "status": status}


@dataclass
class Stack:
    """A local stack on which a text becomes what the test says, one step at each look.

    Attributes:
        steps: the hops that the logs get and the messages that the phone shows, in order.
        busy: for how many looks something is still on its way.
    """

    steps: list[tuple[Sequence[Hop], Sequence[dict[str, Any]]]]
    busy: int = 0
    looks: int = 0
    seconds: float = 0
    texts: list[tuple[str, str]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=lambda: ATTEMPTS)

    def text(self, *, sender: str, to: str, body: str) -> dict[str, Any]:
        assert sender
        self.texts.append((to, body))
        return {"message_sid": "SM1", "outcome": "delivered", "attempts": self.attempts}

    def screen(self, number: str) -> list[dict[str, Any]]:
        assert number
        return [message("of before"), *(each for _, messages in self._reached() for each in messages)]

    def read(self, text_id: str) -> list[Hop]:
        assert text_id == "SM1"
        self.looks += 1
        return [each for hops, _ in self._reached() for each in hops]

    def is_quiet(self) -> bool:
        return self.looks >= self.busy and self.looks >= len(self.steps)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def shown(self, typed: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What the terminal shows of what is typed."""
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        journeys = Journeys(self.read, self.is_quiet, sleep=self.sleep, clock=lambda: self.seconds)
        return written_by(lambda: Phone(self, journeys, screen(lines=True)).use()).out.splitlines()

    def _reached(self) -> list[tuple[Sequence[Hop], Sequence[dict[str, Any]]]]:
        return self.steps[: self.looks]


def test_shows_every_hop_and_every_part_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [
        ([sent(part), delivered(part)], [message(f"part {part} of a long answer :smile: [b]")]) for part in (1, 2, 3)
    ]
    shown = Stack([([ACCEPTED], []), ([ANSWERED], []), *parts]).shown("Tell me a story\n", monkeypatch)
    words = [line.strip() for line in shown]
    assert [words.index(f"✔ {name}") for name in ("authorized", "verified")] == [2, 3]
    assert words[5:7] == ["✔ Accepted (receiver)", "✔ Answered (forwarder)  BackendMs=7"]
    assert [line for line in words if "part" in line] == [
        f"{NUMBERS['east']}: part {part} of a long answer :smile: [b]  delivered" for part in (1, 2, 3)
    ]
    sent_lines = [place for place, line in enumerate(words) if "Sent (sender)" in line]
    assert len(sent_lines) == 3
    assert "part 1" in "".join(words[sent_lines[0] : sent_lines[1]]), "a part is shown as soon as it has come"
    assert not any("Nothing comes" in line for line in words)
    assert not any("of before" in line for line in words)


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (hop(LogEvent.UNANSWERED, "forwarder", 2, reason="opt_out"), "opt_out"),
        (hop(LogEvent.UNANSWERED, "forwarder", 2, reason="no_message"), "no_message"),
        (hop(LogEvent.PARKED, "forwarder", 2, reason="no_backend"), "no_backend"),
    ],
)
def test_says_why_when_nothing_comes_and_does_not_wait(monkeypatch: pytest.MonkeyPatch, end: Hop, why: str) -> None:
    stack = Stack([([ACCEPTED], []), ([end], [])])
    shown = stack.shown("STOP\n", monkeypatch)
    [line] = [line for line in shown if "Nothing comes." in line]
    assert why in line
    assert stack.seconds <= 1


def test_says_that_an_opted_out_person_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    not_sent = hop(LogEvent.NOT_SENT, "sender", 3, reason="opted_out", reply="1")
    shown = Stack([([ACCEPTED, ANSWERED], []), ([not_sent], [])]).shown("But tell me\n", monkeypatch)
    assert any("✘ NotSent (sender)  opted_out" in line for line in shown)
    assert any("Nothing comes." in line and "opted_out" in line for line in shown)


def test_a_refused_text_does_not_keep_the_phone_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack([], attempts=[{**ATTEMPTS[1], "status": 401}])
    shown = stack.shown("let me in\n", monkeypatch)
    assert any("✘ key refused" in line for line in shown)
    assert any("Nothing comes." in line for line in shown)
    assert stack.seconds <= 3


def test_waits_as_long_as_something_is_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    late = ([sent(1), delivered(1)], [message("at last")])
    stack = Stack([([ACCEPTED], []), *[([], [])] * 40, ([ANSWERED], []), late])
    assert any("at last" in line for line in stack.shown("Take your time\n", monkeypatch))


def test_ends_also_when_something_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack([([ACCEPTED], [])], busy=1_000_000)
    assert any("Nothing comes." in line for line in stack.shown("Anybody there?\n", monkeypatch))
    assert stack.seconds < 61


def test_shows_a_message_that_has_no_end_yet_too(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack([([ACCEPTED, ANSWERED, sent(1)], [message("under way", "sent")])])
    assert any("under way  sent" in line for line in stack.shown("Hello\n", monkeypatch))


def test_stays_on_one_number_until_another_one_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack([([ACCEPTED, replace(ANSWERED, event=LogEvent.UNANSWERED, reason="no_message")], [])])
    shown = stack.shown("one\n\ntwo\n/south\nthree\nfour\n /east \nfive\n", monkeypatch)
    east, south = NUMBERS["east"], NUMBERS["south"]
    assert stack.texts == [(east, "one"), (east, "two"), (south, "three"), (south, "four"), (east, "five")]
    assert "/south and /east choose the number" in shown[0]
