"""What became of a text, by the state of the text and of each of its replies, and never by which line came last."""

import itertools
import random
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.stage.names import QUEUES
from operations.tracing.hop import Hop
from operations.tracing.outcomes import TraceState
from operations.tracing.verdicts import Verdict, verdict
from shared.messages.outbound import Parked
from tests import fakes
from tests.fakes import NOW, OUR_NUMBER
from tests.unit.cli.command import Command
from tests.unit.docs.test_docs import ROOT
from tests.unit.operations.tracing.hops_of_texts import (
    accepted,
    answered,
    delivered,
    hop,
    parked,
    sent,
    status_parked,
    told,
    undelivered,
)
from tests.unit.operations.tracing.ways_of_texts import MESSAGE, SMS, TEXT, WAYS, Way

ALL_ORDERS_OF = 6
"""So many hops at most are put into every order; of more, some orders are tried."""

CLOCKS = ("receiver", "sender", "statuses")
IDS = [f"{number}: {state}" for number, (_, state, _, _) in enumerate(WAYS)]
HOPS = [one for hops, *_ in WAYS for one in hops]


def orders(hops: Sequence[Hop]) -> list[tuple[Hop, ...]]:
    """Every order of some hops, and of very many some orders."""
    if len(hops) <= ALL_ORDERS_OF:
        return list(itertools.permutations(hops))
    dice = random.Random(1)  # noqa: S311 - the same orders each time
    return [tuple(dice.sample(hops, len(hops))) for _ in range(500)]


@pytest.mark.parametrize(("hops", "state", "sentence", "see"), WAYS, ids=IDS)
def test_says_what_became_of_it_whatever_order_the_lines_come_in(
    hops: Sequence[Hop], state: TraceState, sentence: str, see: tuple[str, ...]
) -> None:
    assert verdict(TEXT, hops) == Verdict(state, sentence, see)
    assert {verdict(TEXT, order) for order in orders(hops)} == {Verdict(state, sentence, see)}


@given(st.sampled_from(WAYS), st.fixed_dictionaries({name: st.floats(-90, 90) for name in CLOCKS}))
def test_says_the_same_when_the_functions_clocks_differ(way: Way, behind: dict[str, float]) -> None:
    """Each function's own lines keep their order: that one decides what is parked and what was replayed since."""
    hops, state, sentence, _ = way
    moved = [replace(one, time=one.time + timedelta(seconds=behind.get(one.function, 0))) for one in hops]
    became = verdict(TEXT, moved)
    assert (became.state, became.sentence) == (state, sentence)


@given(st.lists(st.sampled_from([one for hops, *_ in WAYS for one in hops]), min_size=1, max_size=12), st.randoms())
def test_no_mixture_of_lines_confuses_it_or_depends_on_their_order(hops: list[Hop], dice: random.Random) -> None:
    shuffled = dice.sample(hops, len(hops))
    assert verdict(TEXT, shuffled) == verdict(TEXT, hops)


@given(st.lists(st.sampled_from([told(), told("2"), status_parked(), status_parked("2")]), max_size=4))
def test_what_a_backend_is_told_changes_no_state(statuses: list[Hop]) -> None:
    way = [accepted(), answered(), sent("1"), delivered("1"), sent("2"), undelivered("2")]
    assert verdict(TEXT, [*way, *statuses]).state is TraceState.FAILED


@pytest.mark.parametrize(
    ("hops", "said"),
    [
        ([], "It was queued; the message waits for the sender."),
        ([sent(), delivered()], "It was queued, and the message arrived."),
        ([sent("1"), sent("2"), delivered("1"), delivered("2")], "It was queued with 2 messages, and all arrived."),
    ],
)
def test_a_message_that_nobody_asked_for_is_no_answer(hops: list[Hop], said: str) -> None:
    submitted = hop("api", "Submitted")
    words = verdict(MESSAGE, [*hops, submitted]).sentence
    assert words == (said if hops else "It waits for the sender.")


SESSION = "SE" + "5" * 32
BEGUN, ENDED = hop("api", "SessionBegun"), hop("api", "SessionEnded", at=5)
TIMED_OUT = hop("forwarder", "TimedOut", at=9)


@pytest.mark.parametrize(
    ("hops", "state", "sentence"),
    [
        ([BEGUN], TraceState.SESSION, "It is a session that a program created."),
        ([BEGUN, ENDED], TraceState.SESSION, "It is a session that a program ended."),
        ([TIMED_OUT], TraceState.WAITING, "The session timed out; the notice waits for the sender."),
        (
            [BEGUN, TIMED_OUT, sent("1")],
            TraceState.SENT,
            "The session timed out; the provider has the notice and has not said yet that it arrived.",
        ),
        ([TIMED_OUT, sent("1"), delivered("1")], TraceState.ARRIVED, "The session timed out, and the notice arrived."),
        (
            [BEGUN, hop("forwarder", "TimedOut", at=9, reason="opted_out")],
            TraceState.UNANSWERED,
            "The session timed out, and the person was not told: opted_out.",
        ),
    ],
)
def test_a_session_is_told_by_its_id(hops: list[Hop], state: TraceState, sentence: str) -> None:
    judged = verdict(SESSION, hops)
    assert judged.state is state
    assert judged.sentence.startswith(sentence.rstrip("."))


def commands(hops: Sequence[Hop]) -> list[list[str]]:
    """The words of each command that a verdict names."""
    return [shlex.split(place)[1:] for place in verdict(TEXT, hops).see if place.startswith("./sms ")]


@pytest.mark.parametrize(("hops", "_state", "_sentence", "_see"), WAYS, ids=IDS)
def test_every_command_that_it_names_works_as_it_is_printed(
    hops: Sequence[Hop], _state: TraceState, _sentence: str, _see: tuple[str, ...]
) -> None:
    for words in commands(hops):
        command = Command.on(fakes.managed_tenant())
        for name in (words[-1], "another"):
            event = {"id": name, "data": {}}
            command.parking.park(
                Parked("acme", name, QUEUES[0], "acme.1", "malformed", "a detail", OUR_NUMBER, NOW, event)
            )
        if "doctor" in words:
            words.append("--help")  # tests of its own run it
        result = command.run(*words)
        assert result.exit_code == 0, (words, result.output)


def test_every_page_that_it_names_is_there() -> None:
    pages = {place for hops, *_ in WAYS for place in verdict(TEXT, hops).see if place.startswith("docs/")}
    assert pages
    assert all((ROOT / page).is_file() for page in pages)


def test_what_stands_on_the_local_stack_is_looked_for_there() -> None:
    see = verdict(TEXT, [accepted(), parked()], command="./sms --local").see
    assert see[1] == f"./sms --local --stage east --tenant acme parked show {TEXT}"


def test_it_shows_everything_on_one_line() -> None:
    assert str(verdict(TEXT, [accepted(), parked()])) == (
        f"The text is parked: backend_refused. See: docs/parking.md, {SMS} parked show {TEXT}"
    )


def test_judging_needs_neither_a_terminal_nor_aws() -> None:
    libraries = {"typer", "rich", "boto3", "botocore", "httpx"}
    question = f"import sys, operations.tracing.verdicts; print({libraries} & set(sys.modules))"
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own text
        [sys.executable, "-c", question], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.strip() == "set()"
