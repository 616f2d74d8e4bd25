"""Reading records and logs of all stages. What one stage does not tell is left out, and the operator hears of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from operations.operator import Operator
from operations.stage.names import FUNCTIONS, STAGES, Stage
from operations.stage.target import Target
from operations.tracing.hop import Hop
from operations.tracing.log_lines import HopSearch, begin_search
from operations.tracing.text_record import TextRecord
from operations.tracing.window import Window
from shared.errors import SmsReceiverError, Unavailable
from shared.messages.outbound import Reply, StoppedConversation

T = TypeVar("T")
_RECORDS, _LOGS = "the records", "the log lines"


@dataclass
class Stages:
    """The stages that are deployed.

    Attributes:
        operator: knows the stages.
        only: the stage to ask; None for all.
        complete: whether all log lines that were looked for were found. It becomes False when a search took too long.
    """

    operator: Operator
    only: Stage | None = None
    complete: bool = True
    _silent: dict[tuple[Stage, str], SmsReceiverError] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """How the operator calls the command for these stages."""
        return "./sms --local" if self.operator.local else "./sms"

    @cached_property
    def _targets(self) -> Mapping[Stage, Target]:
        """The deployed stages. Raises CommandDeclined, Unavailable."""
        targets = {stage: self.operator.on(stage) for stage in STAGES if self.only in {None, stage}}
        return {
            stage: target
            for stage, target in targets.items()
            if stage == self.operator.stage or self._ask(stage, _RECORDS, lambda: target.outputs(stage)) is not None  # noqa: B023 - asked now
        }

    def records(self, tenant_id: str, text_id: str) -> dict[Stage, TextRecord]:
        """What each stage has stored of a text, of those stages that tell. Raises CommandDeclined, Unavailable."""
        by_stage = self._each(_RECORDS, lambda target: target.text_records.find(tenant_id, text_id))
        return {stage: record for stage, record in by_stage.items() if record is not None}

    def owner(self, tenant_id: str, message_id: str) -> Reply | None:
        """The reply that has this id at the provider, on any stage, or None. Raises CommandDeclined, Unavailable."""
        replies = self._each(_RECORDS, lambda target: target.text_records.owner(tenant_id, message_id))
        return next((reply for reply in replies.values() if reply), None)

    def stopped(self, tenant_id: str, conversations: Collection[str]) -> dict[Stage, Sequence[StoppedConversation]]:
        """Those of the conversations in which each stage sends nothing. Raises CommandDeclined, Unavailable."""
        by_stage = self._each(_RECORDS, lambda target: target.text_records.stopped(tenant_id, conversations))
        return {stage: stopped for stage, stopped in by_stage.items() if stopped}

    def hops(self, words: Sequence[str], window: Window) -> list[Hop]:
        """The hops whose lines have one of the words, in order of time. Raises CommandDeclined, Unavailable."""
        if not words:
            return []
        until = window.end or self.operator.world.now()
        searches: dict[Stage, HopSearch] = {}
        for stage, target in self._targets.items():
            search = self._ask(
                stage,
                _LOGS,
                lambda: begin_search(target, stage, words, window.begin, until, FUNCTIONS),  # noqa: B023 - asked now
            )
            if search:
                searches[stage] = search
        hops: list[Hop] = []
        for stage, search in searches.items():
            result = self._ask(stage, _LOGS, search.hops)
            if result:
                hops += result.hops
                self.complete = self.complete and result.complete
        return sorted(hops, key=lambda hop: hop.time)

    def _each(self, what: str, ask: Callable[[Target], T]) -> dict[Stage, T | None]:
        return {
            stage: self._ask(stage, what, lambda: ask(target))  # noqa: B023 - asked now
            for stage, target in self._targets.items()
        }

    def _ask(self, stage: Stage, what: str, ask: Callable[[], T]) -> T | None:
        """The answer; None when the stage does not tell, which is said once.

        Raises Unavailable when the operator's own stage tells neither what is stored nor what its logs have.
        """
        if (stage, what) in self._silent:
            return None
        try:
            return ask()
        except Unavailable as error:
            self._silent[stage, what] = error
            if stage == self.operator.stage and {(stage, _RECORDS), (stage, _LOGS)} <= self._silent.keys():
                raise
            self.operator.progress.warning(f"Without {what} of stage {stage}: {error}")
            return None
