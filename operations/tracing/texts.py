"""What became of a text, or of every text of a person: its hops on all stages, and a verdict."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from operations.numbers import typed_address
from operations.operator import Operator
from operations.stage.names import STAGES, Stage
from operations.tracing import log_lines
from operations.tracing.conversations import conversations_of
from operations.tracing.hop import Hop
from operations.tracing.verdicts import Verdict, verdict
from operations.tracing.window import Window
from shared.errors import Unavailable
from shared.telemetry import LogEvent

TEXTS_MAX = 20
"""Of a person's texts only so many are traced, the latest ones: each takes a search of all logs."""

_ID = re.compile(r"[A-Z]{2}(?=[a-zA-Z]*[0-9])[0-9a-zA-Z]{8,62}")  # with a digit, which a sender's name seldom has
_REPLY_SUFFIX = re.compile(r"(-f)?-[0-9]+$")
_FIRST_EVENTS = {LogEvent.ACCEPTED, LogEvent.SUBMITTED, LogEvent.REFUSED}


@dataclass(frozen=True)
class TracedText:
    """A text, or a message that nobody asked for.

    Attributes:
        id: the id it was found by, such as SM…: the text's own, or the provider's id of a reply.
        hops: its hops since the window began, in order of time; at least one.
        verdict: what became of it, and what to do.
    """

    id: str
    hops: Sequence[Hop]
    verdict: Verdict


@dataclass(frozen=True)
class Trace:
    """What was asked for.

    Attributes:
        texts: the texts, the oldest first; none when the logs of the window have nothing of them.
        total: how many texts the window has; those beyond TEXTS_MAX are not in `texts`.
    """

    texts: Sequence[TracedText]
    total: int


@dataclass(frozen=True)
class _Logs:
    """The logs of all stages. When those of another stage than the operator's cannot be read, they are left out."""

    operator: Operator
    stages: list[Stage] = field(default_factory=lambda: list(STAGES))

    def read(self, since: datetime, *, containing: str, until: datetime | None = None) -> list[Hop]:
        """The hops in order of time. Raises CommandDeclined, Unavailable."""
        hops: list[Hop] = []
        for stage in tuple(self.stages):
            try:
                hops += log_lines.read(self.operator, since, stages=[stage], until=until, containing=containing)
            except Unavailable as error:
                if stage == self.operator.stage:
                    raise
                self.stages.remove(stage)
                self.operator.progress.warning(f"Without what happened on stage {stage}: {error}")
        return sorted(hops, key=lambda hop: hop.time)


def trace(operator: Operator, query: str, window: Window) -> Trace:
    """What became of a text, or of the texts of a person.

    Args:
        operator: whose tenant the person wrote to. An id is looked for on all stages and in all tenants' lines.
        query: the id of a text or of a reply, as it is here or at the provider; or a person's address, as people type
            it: a phone number, a short code, a name, or one with its channel.
        window: when the text came. Its hops are read until now, because a reply may come long after the text.

    Raises InvalidValue when the query is neither, CommandDeclined, Unavailable, Configuration.
    """
    logs = _Logs(operator)
    if is_id(query):
        ids = [_REPLY_SUFFIX.sub("", query)]
    else:
        ids = _ids_of_person(operator, logs, typed_address.read(query), window)
    command = "./sms --local" if operator.local else "./sms"
    hops_by_id = {text_id: _hops(logs, text_id, window) for text_id in ids[-TEXTS_MAX:]}
    texts = [
        TracedText(text_id, hops, verdict(text_id, hops, command=command))
        for text_id, hops in hops_by_id.items()
        if hops
    ]
    return Trace(texts, len(ids))


def is_id(query: str) -> bool:
    """Whether it is the id of a text or of a reply."""
    return _ID.match(query) is not None


def _ids_of_person(operator: Operator, logs: _Logs, person: str, window: Window) -> list[str]:
    """The ids of the texts of a person's conversations, and of messages to them, the oldest first."""
    wanted = conversations_of(operator, person)
    hops = logs.read(window.begin, until=window.end, containing=operator.tenant_id)
    ids = (
        hop.details.get("correlation_id")
        for hop in hops
        if hop.event in _FIRST_EVENTS and hop.details.get("conversation") in wanted
    )
    return list(dict.fromkeys(str(text_id) for text_id in ids if text_id))


def _hops(logs: _Logs, text_id: str, window: Window) -> list[Hop]:
    """The text's hops until now. A reply's id at the provider leads to its text, whose hops these are then."""
    for _ in range(2):
        hops = logs.read(window.begin, containing=text_id)
        correlation_ids = [str(hop.details["correlation_id"]) for hop in hops if hop.details.get("correlation_id")]
        if not correlation_ids or text_id in correlation_ids:
            break
        text_id = correlation_ids[0]
    return hops
