"""Which hops are meant: by person, agent, outcome and reason."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from operations.numbers import typed_address
from operations.numbers.pages import numbers_of
from operations.operator import Operator
from operations.tenants.agent_edits import agent_named
from operations.tracing.conversations import conversations_of
from operations.tracing.hop import Hop
from shared.errors import InvalidValue
from shared.messages.inbound import Misdirection
from shared.reasons import Reason
from shared.telemetry import LogEvent

_REASONS = {*Reason, *Misdirection}


@dataclass(frozen=True)
class HopFilters:
    """Filters as people type them; None for one that was not set. A hop must match one value of each.

    Attributes:
        numbers: people's phone numbers.
        agents: names of agents.
        outcomes: what happened.
        reasons: why, in the words of docs/operations.md.
    """

    numbers: Sequence[str] | None = field(default=None, repr=False)
    agents: Sequence[str] | None = None
    outcomes: Sequence[LogEvent] | None = None
    reasons: Sequence[str] | None = None

    @property
    def need_tenant(self) -> bool:
        """Whether a tenant must be known: its numbers and agents are its own."""
        return bool(self.numbers or self.agents)


@dataclass(frozen=True)
class TextsWith:
    """The texts of which a line has one of some values in a field; their other lines may not have the field.

    Attributes:
        ids: the ids of these texts, as far as their lines have been seen.
    """

    name: str
    values: Collection[str]
    ids: set[str] = field(default_factory=set)

    def learn(self, hops: Iterable[Hop]) -> None:
        """Remembers the texts whose lines have the field."""
        self.ids.update(_text(hop) for hop in hops if self._has(hop) and _text(hop))

    def takes(self, hop: Hop) -> bool:
        """Whether the hop is about such a text."""
        return self._has(hop) or _text(hop) in self.ids

    def _has(self, hop: Hop) -> bool:
        return str(hop.details.get(self.name)) in self.values


def _text(hop: Hop) -> str:
    return str(hop.details.get("correlation_id") or "")


@dataclass(frozen=True)
class Selection:
    """The hops that are meant.

    Attributes:
        tenant: the id of their tenant; None for all tenants, and for requests with a wrong key.
        texts: what their texts must have.
        outcomes: what must have happened; empty for anything.
        reasons: why; empty for any reason.
    """

    tenant: str | None
    texts: Sequence[TextsWith] = ()
    outcomes: Collection[LogEvent] = ()
    reasons: Collection[str] = ()

    def among(self, hops: Sequence[Hop]) -> list[Hop]:
        """Those of the hops that are meant. What earlier calls showed of a text counts, too."""
        own = [hop for hop in hops if self.tenant in (None, hop.details.get("tenant"))]
        for texts in self.texts:
            texts.learn(own)
        return [hop for hop in own if self._matches(hop) and all(texts.takes(hop) for texts in self.texts)]

    def leaves_out_strangers(self, hops: Iterable[Hop]) -> bool:
        """Whether one of the hops is a refusal that would be meant, but belongs to no tenant: its key was wrong."""
        if self.tenant is None or self.texts:
            return False
        refused = (hop for hop in hops if hop.event is LogEvent.REFUSED and "tenant" not in hop.details)
        return any(self._matches(hop) for hop in refused)

    def _matches(self, hop: Hop) -> bool:
        if self.outcomes and hop.event not in self.outcomes:
            return False
        return not self.reasons or hop.reason in self.reasons or hop.details.get("would_refuse") in self.reasons


def selected(operator: Operator, filters: HopFilters) -> Selection:
    """What the filters mean: for the tenant that was named, or for the only one if they need one.

    Raises InvalidValue for what is no phone number of a person, or no reason; NotFound for an agent that does not
    exist; CommandDeclined, Unavailable, Configuration.
    """
    if unknown := sorted(set(filters.reasons or ()) - _REASONS):
        message = f"no line has the reason {', '.join(unknown)}; docs/operations.md and docs/parking.md explain each"
        raise InvalidValue(message)
    texts = []
    if filters.numbers:
        persons = [typed_address.read(typed) for typed in filters.numbers]
        _check_no_own(operator, persons)
        values = frozenset().union(*(conversations_of(operator, person) for person in persons))
        texts.append(TextsWith("conversation", values))
    if filters.agents:
        tenant = operator.read()
        texts.append(TextsWith("agent", frozenset(agent_named(tenant, name).id for name in filters.agents)))
    tenant_id = operator.tenant_id if filters.need_tenant else operator.tenant
    return Selection(tenant_id, texts, frozenset(filters.outcomes or ()), frozenset(filters.reasons or ()))


def _check_no_own(operator: Operator, numbers: Collection[str]) -> None:
    held = numbers_of(operator.target.numbers_directory, operator.tenant_id)
    if any(number.address in numbers for number in held):
        message = "this is a number of the tenant's own; --number takes a person's. Of an agent's numbers: --agent NAME"
        raise InvalidValue(message)
