"""The latest texts of a tenant, by what the logs of a stretch of time have of them: one or two searches for each stage.

A list reads no records, so what it says of a text is what the log lines show; `operations/tracing/why.py` looks into
everything that is known of one text.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from operations.numbers import typed_address
from operations.operator import Operator
from operations.stage.names import Stage
from operations.tenants.agent_edits import agent_named
from operations.tenants.managed_tenant import ManagedTenant
from operations.tracing.conversations import conversations
from operations.tracing.hop import Hop
from operations.tracing.outcomes import TraceState
from operations.tracing.provider_view import ProviderView
from operations.tracing.stages import Stages
from operations.tracing.verdicts import Verdict, verdict
from operations.tracing.window import Window
from shared.errors import InvalidValue

FOUND_MAX = 200
"""Of a person, or of one of our numbers, so many texts are looked at, the latest ones."""
STATES = (
    TraceState.ARRIVED,
    TraceState.SENT,
    TraceState.ANSWERED,
    TraceState.WAITING,
    TraceState.RETRYING,
    TraceState.UNANSWERED,
    TraceState.OVERDUE,
    TraceState.PARKED,
    TraceState.FAILED,
    TraceState.REFUSED,
    TraceState.MISDIRECTED,
    TraceState.SESSION,
)
"""What can have become of a text by its log lines."""


@dataclass(frozen=True)
class TextFilters:
    """Filters as people type them; empty for one that was not set. A text must match all of them.

    Attributes:
        agent: the name of an agent.
        person: a person's address.
        number: an address of ours.
        state: what became of it, one of STATES.
        reason: the reason of one of its hops.
    """

    agent: str = ""
    person: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    state: str = ""
    reason: str = ""


@dataclass(frozen=True)
class LatestText:
    """A text as the logs have it.

    Attributes:
        id: the id of the text; of a message that nobody asked for, the answer's id.
        at: when its first hop of this stretch of time was.
        stages: where its hops were.
        agent: the name of its agent, or its id where no agent has that id now; None while it is not known.
        verdict: what became of it, by its hops alone.
    """

    id: str
    at: datetime
    stages: Sequence[str]
    agent: str | None
    verdict: Verdict


@dataclass(frozen=True)
class LatestTexts:
    """The texts of a stretch of time, the newest first, and whether these are all.

    Attributes:
        complete: False when a search took too long, or found too much: then older texts are missing.
    """

    texts: Sequence[LatestText]
    complete: bool


def latest_texts(operator: Operator, window: Window, filters: TextFilters, *, only: Stage | None = None) -> LatestTexts:
    """The texts of the operator's tenant.

    Args:
        operator: whose tenant it is.
        window: when the hops were.
        filters: which texts are meant.
        only: the stage to search; None for all.

    Raises InvalidValue for a filter that cannot be meant, NotFound for an agent that does not exist; CommandDeclined,
    Unavailable, Configuration.
    """
    if filters.state and filters.state not in STATES:
        message = f"choose one of these outcomes: {', '.join(STATES)}"
        raise InvalidValue(message)
    search = _Search(operator, Stages(operator, only=only), operator.read(), window)
    texts = search.texts(filters)
    found = [text for text, hops in texts if _matches(text, hops, filters)]
    return LatestTexts(sorted(found, key=lambda text: text.at, reverse=True), search.complete)


def _matches(text: LatestText, hops: Iterable[Hop], filters: TextFilters) -> bool:
    has_reason = not filters.reason or any(hop.reason == filters.reason for hop in hops)
    return has_reason and filters.state in {"", text.verdict.state}


@dataclass
class _Search:
    """A search on a tenant's behalf."""

    operator: Operator
    stages: Stages
    tenant: ManagedTenant
    window: Window
    complete: bool = True

    def texts(self, filters: TextFilters) -> list[tuple[LatestText, Sequence[Hop]]]:
        """The texts that the filters on agent, person and number choose, with their hops."""
        hops = self._hops(filters)
        names = {agent.id: agent.name for agent in self.tenant.agents}
        by_text: dict[str, list[Hop]] = defaultdict(list)
        for hop in hops:
            text_id = hop.details.get("correlation_id")
            if text_id and hop.details.get("tenant") == self.tenant.id:
                by_text[str(text_id)].append(hop)
        return [(self._text(text_id, of_text, names), of_text) for text_id, of_text in by_text.items()]

    def _hops(self, filters: TextFilters) -> Sequence[Hop]:
        """The hops of these texts. Not all hops of a text name its person or its agent, so they are found by its id."""
        agent = agent_named(self.tenant, filters.agent) if filters.agent else None
        if not (filters.person or filters.number or agent):
            return self._found([self.tenant.id])
        ids: set[str] | None = None
        if filters.person:
            ids = self._ids(self._conversations(filters))
        elif filters.number:
            ids = self._received_at(typed_address.read_ours(filters.number))
        if agent:
            of_agent = self._ids([agent.id])
            ids = of_agent if ids is None else ids & of_agent
        return self._found(sorted(ids)) if ids else []

    def _ids(self, words: Sequence[str]) -> set[str]:
        """The ids of the latest texts of which a hop has one of the words."""
        times: dict[str, datetime] = {}
        for hop in self._found(words):
            if hop.details.get("correlation_id") and hop.details.get("tenant") == self.tenant.id:
                times[str(hop.details["correlation_id"])] = hop.time
        self.complete = self.complete and len(times) <= FOUND_MAX
        return set(sorted(times, key=lambda text_id: times[text_id], reverse=True)[:FOUND_MAX])

    def _conversations(self, filters: TextFilters) -> list[str]:
        """What stands in the log for a person, in conversations with one number of ours or with all."""
        person = typed_address.read(filters.person)
        if filters.number:
            held = [typed_address.read_ours(filters.number)]
        else:
            page = self.operator.target.numbers_directory.page(self.tenant.id, limit=FOUND_MAX)
            if page.next is not None:
                message = f"the tenant has more than {FOUND_MAX} numbers; say which one the person wrote to as well"
                raise InvalidValue(message)
            held = [number.address for number in page.items]
        return sorted(conversations(self.tenant.salt, held, person))

    def _received_at(self, number: str) -> set[str]:
        """The ids of the latest texts to one of our numbers: only the provider knows which number a text came to."""
        view = ProviderView(self.operator, self.tenant)
        messages = view.inbound(self.window, senders=[None], recipient=number, limit=FOUND_MAX)
        for sentence in view.trouble:
            self.operator.progress.warning(sentence)
        self.complete = self.complete and len(messages) < FOUND_MAX and not view.trouble
        return {message.id for message in messages}

    def _found(self, words: Sequence[str]) -> Sequence[Hop]:
        hops = self.stages.hops(words, self.window)
        self.complete = self.complete and self.stages.complete
        return hops

    def _text(self, text_id: str, hops: Sequence[Hop], names: dict[str, str]) -> LatestText:
        agent_id = next((str(hop.details["agent"]) for hop in hops if hop.details.get("agent")), None)
        return LatestText(
            id=text_id,
            at=min(hop.time for hop in hops),
            stages=sorted({hop.stage for hop in hops}),
            agent=names.get(agent_id, agent_id) if agent_id else None,
            verdict=verdict(text_id, hops, command=self.stages.command),
        )
