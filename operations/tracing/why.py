"""Why nobody answered: one sentence about a text, a person or one of our numbers, and the texts that it is about."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from operations.numbers import typed_address
from operations.numbers.pages import connections_of
from operations.operator import Operator
from operations.tenants.managed_tenant import ManagedTenant
from operations.tracing.conversations import addresses_of, conversation_ids
from operations.tracing.held_elsewhere import held_elsewhere, with_holder
from operations.tracing.outcomes import TraceState
from operations.tracing.own_opt_outs import with_opt_outs
from operations.tracing.provider_message import ProviderMessage
from operations.tracing.provider_view import ProviderView
from operations.tracing.stages import Stages
from operations.tracing.texts import TextReader, TracedText
from operations.tracing.unreached import cures, described, number_differences, unreached
from operations.tracing.verdicts import Verdict
from operations.tracing.window import Window
from shared.errors import CommandDeclined, Configuration, NotFound, Unavailable
from shared.telemetry import CONVERSATION_DIGITS, LogEvent

TEXTS_MAX = 20
"""Of a person's texts only so many are looked at, the latest ones."""
NUMBERS_MAX = 100
"""Of more numbers of ours, only those count for which the provider names a text."""

_LATE_LOGS = "Log lines can be minutes late: ask again"
_ID = re.compile(r"[A-Z]{2}(?=[a-zA-Z]*[0-9])[0-9a-zA-Z]{8,62}")  # with a digit, which a sender's name seldom has
_FIRST_EVENTS = {LogEvent.ACCEPTED, LogEvent.SUBMITTED, LogEvent.REFUSED}
_HEALTHY = frozenset(
    {
        TraceState.ANSWERED,
        TraceState.ARRIVED,
        TraceState.RETRYING,
        TraceState.SENT,
        TraceState.SESSION,
        TraceState.UNANSWERED,
        TraceState.WAITING,
    }
)


@dataclass(frozen=True)
class Explanation:
    """The answer to the question why nobody answered.

    Attributes:
        verdict: the answer in a sentence, and what to do.
        texts: the texts that it is about, the oldest first.
        total: how many texts were found; those beyond TEXTS_MAX are not in `texts`.
        complete: whether all log lines that were looked for were found.
    """

    verdict: Verdict
    texts: Sequence[TracedText]
    total: int
    complete: bool

    @property
    def is_healthy(self) -> bool:
        """Whether nobody needs to do anything."""
        return is_healthy(self.verdict.state)


def is_healthy(state: TraceState) -> bool:
    """Whether nobody needs to do anything about a text in this state."""
    return state in _HEALTHY


def is_id(query: str) -> bool:
    """Whether it is an id of a text or a reply, here or at the provider, and no address."""
    return _ID.match(query) is not None


def find_out(operator: Operator, query: str, window: Window, *, to: str | None = None) -> Explanation:
    """Why nobody answered.

    Args:
        operator: whose tenant the person wrote to. Without a tenant, an id is looked for in all tenants' lines.
        query: the id of a text or a reply, as it is here or at the provider; a person's address; or a number of ours.
        window: when the text came, unless something stored tells it.
        to: our number that the person wrote to; None for any. Only for a person.

    Raises InvalidValue when the query is none of these, CommandDeclined, Unavailable, Configuration.
    """
    if is_id(query):
        return _about_id(operator, query, window)
    address = typed_address.read(query)
    tenant = operator.read()
    asking = _Question(operator, Stages(operator), tenant, ProviderView(operator, tenant), window)
    if asking.is_our_number(address):
        return asking.about_our_number(address)
    return asking.about_person(address, to and typed_address.read_ours(to))


def _about_id(operator: Operator, query: str, window: Window) -> Explanation:
    stages = Stages(operator)
    tenant = _tenant_if_known(operator)
    view = ProviderView(operator, tenant) if tenant else None
    text = TextReader(operator, stages, view).by_id(query, tenant.id if tenant else operator.tenant, window)
    if not text.is_ours:
        text = replace(text, verdict=_not_ours(operator, view, text.at_provider))
        return Explanation(
            text.verdict, [text] if text.at_provider else [], 1 if text.at_provider else 0, stages.complete
        )
    judged = _with_trouble(text.verdict, view)
    if tenant:
        judged = with_holder(judged, operator, tenant.id, text.records)
    return Explanation(judged, [text], 1, stages.complete)


def _with_trouble(verdict: Verdict, view: ProviderView | None) -> Verdict:
    """The verdict; of a refused text also why the provider could not be asked, which mostly has the same cause."""
    if view is None or not view.trouble or verdict.state is not TraceState.REFUSED:
        return verdict
    return replace(verdict, sentence=" ".join([verdict.sentence, *view.trouble]))


def _tenant_if_known(operator: Operator) -> ManagedTenant | None:
    """The tenant that was named, or the only one; None when there are several, or it cannot be read."""
    try:
        return operator.read()
    except NotFound:
        if operator.tenant is not None:
            raise
    except (Unavailable, Configuration) as error:
        operator.progress.warning(f"Without what Twilio knows: {error}")
    except CommandDeclined:
        operator.progress.note("Without --tenant, only the logs are looked into. With it, the answer is quicker.")
    return None


def _not_ours(operator: Operator, view: ProviderView | None, message: ProviderMessage | None) -> Verdict:
    """The verdict on a text of which we have nothing."""
    if view and message and message.is_inbound:
        return unreached(operator, view, message)
    trouble = " ".join(view.trouble) if view else ""
    asked = "" if view is None or trouble else " Twilio has no such text either, in any account of this tenant."
    sentence = (
        f"Nothing is stored of it, and the log lines of this time have nothing of it.{asked} {trouble}".rstrip()
        + f" {_LATE_LOGS}, or look further back with --since or --at."
    )
    return Verdict(TraceState.UNKNOWN, sentence, ("./sms number check", "./sms doctor"))


@dataclass(frozen=True)
class _Question:
    """A question about an address, on a tenant's behalf."""

    operator: Operator
    stages: Stages
    tenant: ManagedTenant
    view: ProviderView
    window: Window

    def is_our_number(self, address: str) -> bool:
        """Whether it is a number that an agent of the tenant has, or that the tenant connected."""
        directory = self.operator.target.numbers_directory
        held = directory.find(address)
        is_held = held is not None and held.tenant_id == self.tenant.id
        return is_held or directory.connection(self.tenant.id, address) is not None

    def about_our_number(self, number: str) -> Explanation:
        """What keeps a number's texts from its agent, or else what became of the latest of them."""
        elsewhere = held_elsewhere(self.operator, self.tenant.id, number)
        if elsewhere:
            return Explanation(elsewhere, [], 0, self.stages.complete)
        differences = number_differences(self.operator, number)
        messages = self.view.inbound(self.window, senders=[None], recipient=number, limit=TEXTS_MAX)
        texts = self._texts([message.id for message in messages], messages)
        if differences:
            sentence = " ".join(["Texts to this number do not reach their agent.", *described(differences)])
            judged = Verdict(TraceState.UNREACHED, sentence, tuple(cures(number, differences)))
            return Explanation(judged, texts, len(messages), self.stages.complete)
        if texts:
            return self._latest(texts, len(messages))
        known = " ".join(self.view.trouble) or "Twilio has no text to it from this time."
        sentence = f"The number is connected as it should be. {known}"
        return Explanation(Verdict(TraceState.UNKNOWN, sentence), [], 0, self.stages.complete)

    def about_person(self, person: str, ours: str | None) -> Explanation:
        """What became of the latest text of a person, and whether they opted out by a list of ours."""
        addresses = addresses_of(person)
        messages = self.view.inbound(self.window, senders=addresses, recipient=ours, limit=TEXTS_MAX)
        ids_of_conversations = self._conversations(person, ours, messages)
        times = {message.id: message.at for message in messages} | self._logged(ids_of_conversations)
        ids = sorted(times, key=lambda text_id: times[text_id])
        texts = self._texts(ids[-TEXTS_MAX:], messages)
        answer = self._latest(texts, len(ids)) if texts else self._of_nobody(person)
        stopped = self.stages.stopped(self.tenant.id, ids_of_conversations)
        return replace(answer, verdict=with_opt_outs(answer.verdict, stopped, command=self.stages.command))

    def _of_nobody(self, number: str) -> Explanation:
        """The answer when no text came from a number: it may be one that another tenant has."""
        elsewhere = held_elsewhere(self.operator, self.tenant.id, number)
        if elsewhere:
            return Explanation(elsewhere, [], 0, self.stages.complete)
        trouble = " ".join(self.view.trouble)
        at_twilio = trouble or "Twilio has no text from it to any account of this tenant."
        sentence = (
            f"Nothing came from this number in this time, and nothing went to it. {at_twilio} "
            f"{_LATE_LOGS}, or look further back with --since, and see which number the person writes to."
        )
        judged = Verdict(TraceState.UNKNOWN, sentence, ("./sms number list", "./sms number check"))
        return Explanation(judged, [], 0, self.stages.complete)

    def _texts(self, ids: Sequence[str], messages: Sequence[ProviderMessage]) -> list[TracedText]:
        """The texts with a verdict each; those that did not reach us, with the reason for that."""
        by_id = {message.id: message for message in messages}
        reader = TextReader(self.operator, self.stages, self.view)
        texts = reader.all(ids, self.tenant.id, self.window, by_id) if ids else []
        latest_missing = next((text.id for text in reversed(texts) if not text.is_ours), None)
        return [
            text if text.is_ours else replace(text, verdict=self._missing(text, explained=text.id == latest_missing))
            for text in texts
        ]

    def _missing(self, text: TracedText, *, explained: bool) -> Verdict:
        """Only the latest one is explained: how its number is connected now says nothing about the others."""
        if explained:
            return _not_ours(self.operator, self.view, text.at_provider)
        return Verdict(TraceState.UNREACHED, "Twilio has this text, and it did not reach us.")

    def _latest(self, texts: Sequence[TracedText], total: int) -> Explanation:
        latest = with_holder(texts[-1].verdict, self.operator, self.tenant.id, texts[-1].records)
        latest = _with_trouble(latest, self.view)
        sentence = latest.sentence if total == 1 else f"Of {total} texts, the latest: {latest.sentence}"
        return Explanation(replace(latest, sentence=sentence), texts, total, self.stages.complete)

    def _conversations(self, person: str, ours: str | None, messages: Sequence[ProviderMessage]) -> set[str]:
        named = {message.recipient for message in messages}
        held = named | {ours} if ours else named.union(self._few_numbers)
        return conversation_ids(self.tenant.salt, sorted(held), person)

    def _logged(self, conversations: Collection[str]) -> dict[str, datetime]:
        """The texts that the logs have of some conversations, and the messages in them, with their times."""
        words = sorted({conversation[:CONVERSATION_DIGITS] for conversation in conversations})
        hops = self.stages.hops(words, self.window)
        return {
            str(hop.details["correlation_id"]): hop.time
            for hop in reversed(hops)
            if hop.event in _FIRST_EVENTS and hop.details.get("correlation_id")
        }

    @property
    def _few_numbers(self) -> Sequence[str]:
        """The tenant's numbers, also those that were connected and that no agent has; none when there are very many."""
        directory = self.operator.target.numbers_directory
        page = directory.page(self.tenant.id, limit=NUMBERS_MAX)
        if page.next is not None:
            self.operator.progress.note(
                f"The tenant has more than {NUMBERS_MAX} numbers, so only texts that Twilio lists are found. "
                "Say to which number the person wrote: --to NUMBER"
            )
            return []
        connected = [connection.number for connection in connections_of(directory, self.tenant.id)]
        return list(dict.fromkeys([*(held.address for held in page.items), *connected]))
