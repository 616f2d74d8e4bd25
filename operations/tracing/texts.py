"""What became of texts: their records and their hops on all stages, and a verdict on each.

Records are read first, by key. They mostly tell when a text came, and so which stretch of the logs has its hops.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from operations.operator import Operator
from operations.stage.names import Stage
from operations.tracing.hop import Hop
from operations.tracing.proofs import weigh
from operations.tracing.provider_message import ProviderMessage
from operations.tracing.provider_view import ProviderView
from operations.tracing.stages import Stages
from operations.tracing.text_record import TextRecord
from operations.tracing.verdicts import Verdict, verdict
from operations.tracing.window import Window
from shared.messages import events
from shared.messages.outbound import Reply

_REPLY_SUFFIX = re.compile(r"(-f)?-[0-9]+$")
_PROVIDERS_ID = re.compile(r"(SM|MM)[0-9a-f]{32}")
_BEFORE = timedelta(minutes=5)
"""How far before the first known moment the log is read: Twilio's clock and ours differ, and a first try takes time."""
_AFTER = timedelta(days=1)
"""How far behind the last known moment."""


@dataclass(frozen=True)
class TracedText:
    """A text, or a message that answers no text.

    Attributes:
        id: the id it was found by, such as SM…: the text's own, or the provider's id of a reply.
        hops: its hops in the logs, in order of time.
        verdict: what became of it, and what to do.
        records: what each stage has stored of it, of those stages that could be read.
        at_provider: the text as the provider has it; None when it was not asked, or has no such text.
    """

    id: str
    hops: Sequence[Hop]
    verdict: Verdict
    records: Mapping[Stage, TextRecord] = field(default_factory=dict)
    at_provider: ProviderMessage | None = None

    @property
    def is_ours(self) -> bool:
        """Whether any log line or record of ours is about it."""
        return bool(self.hops) or _is_stored(self.records)


@dataclass(frozen=True)
class TextReader:
    """Finds out what became of texts.

    Attributes:
        operator: who asks.
        stages: the records and the logs.
        view: the provider's view; None when the tenant is not known, or cannot be read.
    """

    operator: Operator
    stages: Stages
    view: ProviderView | None

    def by_id(self, asked_id: str, tenant_id: str | None, window: Window) -> TracedText:
        """What became of the text with this id, or of the text whose reply has it.

        Args:
            asked_id: of a text or a reply, as it is here or at the provider.
            tenant_id: whose text it is; None when the logs must tell.
            window: which log lines to read when nothing else tells when the text came.

        Raises CommandDeclined, Unavailable.
        """
        asked_id = _REPLY_SUFFIX.sub("", asked_id)
        text_id, records = self._records(asked_id, tenant_id)
        message = None
        if self.view and not _moments(records) and _PROVIDERS_ID.fullmatch(asked_id):
            message = self.view.find(asked_id)
        window = self._narrowed(window, [*_moments(records), *([message.at] if message else [])])
        text_id, hops = self._hops(text_id, window)
        tenant_id = tenant_id or _tenant_of(hops)
        if tenant_id and not _is_stored(records):
            records = self._records(text_id, tenant_id)[1]
        return self._judged(asked_id, text_id, tenant_id, hops, records, message)

    def all(
        self, ids: Sequence[str], tenant_id: str, window: Window, messages: Mapping[str, ProviderMessage]
    ) -> list[TracedText]:
        """What became of several texts of a tenant: one search of the logs for all of them.

        Args:
            ids: the texts, in the order in which they came.
            tenant_id: the tenant.
            window: when they came.
            messages: the texts as the provider has them, by id.

        Raises CommandDeclined, Unavailable.
        """
        records = {text_id: self.stages.records(tenant_id, text_id) for text_id in ids}
        moments = [moment for each in records.values() for moment in _moments(each)]
        moments += [messages[text_id].at for text_id in ids if text_id in messages]
        is_all_known = all(text_id in messages or _moments(records[text_id]) for text_id in ids)
        narrowed = self._narrowed(window, moments) if is_all_known else Window(window.begin, self._end(window.end))
        hops = self.stages.hops(ids, narrowed)
        return [
            self._judged(
                text_id,
                text_id,
                tenant_id,
                [hop for hop in hops if text_id in hop.details.values()],
                records[text_id],
                messages.get(text_id),
            )
            for text_id in ids
        ]

    def _records(self, text_id: str, tenant_id: str | None) -> tuple[str, dict[Stage, TextRecord]]:
        """What is stored of a text, with its id. A reply's id at the provider leads to its text."""
        if tenant_id is None:
            return text_id, {}
        records = self.stages.records(tenant_id, text_id)
        reply = _late_reply(records, text_id) if _is_stored(records) else self.stages.owner(tenant_id, text_id)
        if reply:
            text_id = reply.in_reply_to or events.answer_id(reply.reply_id) or text_id
            records = self.stages.records(tenant_id, text_id)
        return text_id, records

    def _hops(self, text_id: str, window: Window) -> tuple[str, list[Hop]]:
        """The text's hops, with its id. A reply's id at the provider leads to its text, whose hops these are then."""
        hops = self.stages.hops([text_id], window)
        correlation_ids = [str(hop.details["correlation_id"]) for hop in hops if hop.details.get("correlation_id")]
        if correlation_ids and text_id not in correlation_ids:
            text_id = correlation_ids[0]
            hops = self.stages.hops([text_id], window)
        return text_id, hops

    def _narrowed(self, window: Window, moments: Sequence[datetime]) -> Window:
        """The stretch of time around the known moments; the whole window when none is known."""
        if not moments:
            return window
        return Window(min(moments) - _BEFORE, self._end(max(moments)))

    def _end(self, last: datetime | None) -> datetime:
        now = self.operator.world.now()
        return min(now, last + _AFTER) if last else now

    def _judged(  # noqa: PLR0913, PLR0917 - all that is known of a text
        self,
        asked_id: str,
        text_id: str,
        tenant_id: str | None,
        hops: Sequence[Hop],
        records: Mapping[Stage, TextRecord],
        message: ProviderMessage | None,
    ) -> TracedText:
        evidence = weigh(tenant_id or "", text_id, hops, records, now=self.operator.world.now())
        judged = verdict(text_id, evidence.hops, evidence.taken_out, command=self.stages.command)
        return TracedText(asked_id, hops, judged, records, message)


def _is_stored(records: Mapping[Stage, TextRecord]) -> bool:
    return any(not record.is_empty for record in records.values())


def _moments(records: Mapping[Stage, TextRecord]) -> list[datetime]:
    """When something happened to a text, as far as its records tell."""
    parked = [parked.parked_at for record in records.values() for parked in record.parked]
    attempts = [reply.attempted_at for record in records.values() for reply in record.replies.values()]
    received = [record.promise.received_at for record in records.values() if record.promise]
    return [*parked, *(moment for moment in [*attempts, *received] if moment)]


def _late_reply(records: Mapping[Stage, TextRecord], asked_id: str) -> Reply | None:
    """A message of the answer with the id that was asked for, if that is the late answer to a text."""
    replies = (reply for record in records.values() for reply in record.replies.values())
    return next((reply for reply in replies if reply.in_reply_to not in {None, asked_id}), None)


def _tenant_of(hops: Sequence[Hop]) -> str | None:
    tenants = [str(hop.details["tenant"]) for hop in hops if hop.details.get("tenant")]
    return tenants[0] if tenants else None
