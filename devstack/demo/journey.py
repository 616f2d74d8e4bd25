"""What becomes of a text on the local stack: each hop as soon as a function's log has it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from devstack.aws import LocalAws
from devstack.phones import Phones
from devstack.queues import Queues
from devstack.state import StackState
from devstack.target import LocalTarget
from operations.operator import Operator, Progress, World
from operations.stage.names import STAGES, Stage
from operations.stage.target import Target
from operations.tracing import log_lines
from operations.tracing.hop import Hop
from operations.tracing.outcomes import TraceState, outcome

T = TypeVar("T")
_LOOK_EVERY_SECONDS = 0.2
_LOGS_ARE_LATE_SECONDS = 2.0
"""How long the logs are looked at when all is quiet and they do not tell the end."""

_OPEN = {TraceState.WAITING, TraceState.RETRYING, TraceState.SENT}
_WITHOUT_ANSWER = {TraceState.REFUSED, TraceState.MISDIRECTED, TraceState.PARKED, TraceState.UNANSWERED}

ReadLogs = Callable[[str], Sequence[Hop]]
"""The hops so far of the text with this id, in order of time."""


class Quiet:
    """Hears nothing of long work."""

    def note(self, sentence: str) -> None:
        """Does nothing."""

    def warning(self, sentence: str) -> None:
        """Does nothing."""

    def watched(self, things: Sequence[T], doing: str) -> Sequence[T]:  # noqa: ARG002 - as Progress has it
        """The things."""
        return things

    def works_on(self, tenant_id: str) -> None:
        """Does nothing."""


@dataclass(frozen=True)
class Journeys:
    """Follows texts.

    Attributes:
        read: reads the logs.
        is_quiet: whether nothing is on a queue, being worked on, or on its way to a phone.
        within_seconds: how long one text is followed.
    """

    read: ReadLogs
    is_quiet: Callable[[], bool]
    within_seconds: float = 60
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def follow(self, text_id: str) -> Iterator[Sequence[Hop]]:
        """The new hops of a text, again and again, perhaps none; it ends when nothing more will come."""
        seen: set[str] = set()
        begin = last_news = self.clock()
        while True:
            quiet = self.is_quiet()  # before the logs are read: they have all that was done until now
            hops = self.read(text_id)
            news = [hop for hop in hops if hop.line_id not in seen]
            yield news
            now = self.clock()
            if news or not quiet:
                last_news = now
            ended = quiet and (_has_ended(hops) or now - last_news >= _LOGS_ARE_LATE_SECONDS)
            if ended or now - begin >= self.within_seconds:
                return
            seen |= {hop.line_id for hop in news}
            self.sleep(_LOOK_EVERY_SECONDS)


def journeys(stack: StackState, phones: Phones, aws: LocalAws) -> Journeys:
    """Follows texts on a local stack that is up."""
    queues = [Queues(stage, aws) for stage in stack.stages.values()]
    return Journeys(_local_logs(), lambda: phones.idle() and all(each.are_empty() for each in queues))


def local_operator(tenant_id: str | None, progress: Progress) -> Operator:
    """Who operates the local stack, for a tenant or for all of them."""
    targets: Mapping[Stage, Target] = {stage: LocalTarget(stage) for stage in STAGES}

    def open_target(stage: Stage, *, local: bool) -> Target:  # noqa: ARG001 - as OpenTarget has it
        return targets[stage]

    return Operator(World(open_target), STAGES[0], local=True, tenant=tenant_id, progress=progress)


def _local_logs() -> ReadLogs:
    operator = local_operator(None, Quiet())
    begin = datetime.now(UTC) - timedelta(minutes=1)
    return lambda text_id: log_lines.read(operator, begin, stages=STAGES, containing=text_id)


def _has_ended(hops: Sequence[Hop]) -> bool:
    """Whether the hops tell what became of the text and of all that was answered, as far as they name it."""
    state = outcome(hops)
    messages = [*state.answer.values(), *state.failure_reply.values()]
    if any(message.state in _OPEN for message in messages):
        return False
    return bool(state.answer) or (state.text is not None and state.text.state in _WITHOUT_ANSWER)
