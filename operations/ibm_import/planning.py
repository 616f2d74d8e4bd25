"""What taking over the tenants of IBM's gateway makes: accounts, agents with their backends, and numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from urllib.parse import urlsplit

from operations.ibm_import.conversation import backend_of, not_used
from operations.ibm_import.draft import Draft, Provider
from operations.ibm_import.reading import IbmTenant, NotCarriedOver
from operations.numbers.described_number import DESCRIPTION_MAX, check_description
from operations.numbers.holding import taken_elsewhere
from operations.operator import Operator
from operations.stage.names import STAGES, Stage
from operations.tenants.agents import AgentChange, new_agent_id
from operations.tenants.backends import BackendChange
from operations.tenants.managed_tenant import ManagedTenant
from operations.tenants.records import shown_target
from operations.twilio.account_settings import check_account_sid, check_auth_token
from shared.errors import CommandDeclined, InvalidValue
from shared.tenants.agent import AGENT_NAME_MAX, Agent, AgentKind
from shared.tenants.record import HeldNumber
from shared.tenants.validation import is_name

_NO_NUMBER = "it has no number that can be used, so no agent is made of it"


@dataclass(frozen=True)
class PlannedAccount:
    """A Twilio account that the tenant does not have yet."""

    sid: str
    token: str = field(repr=False)
    where: str


@dataclass(frozen=True)
class PlannedAgent:
    """An agent, and the numbers that it gets.

    Attributes:
        name: its name.
        change: its settings, where the file has some.
        backend: its backend; None for none.
        numbers: the numbers that it does not have yet, with their descriptions.
        kept: how many numbers of the file it has already.
        existing: the agent, when the tenant has it already: then it stays as it is.
    """

    name: str
    change: AgentChange
    backend: BackendChange | None
    numbers: Mapping[str, str] = field(repr=False)
    kept: int = 0
    existing: Agent | None = None


@dataclass(frozen=True)
class PlannedImport:
    """All that the files make, and what of them does not come here.

    Attributes:
        kept_accounts: the SIDs of accounts that the tenant has already.
    """

    accounts: tuple[PlannedAccount, ...]
    kept_accounts: tuple[str, ...]
    agents: tuple[PlannedAgent, ...]
    not_carried_over: tuple[NotCarriedOver, ...]

    @property
    def makes_anything(self) -> bool:
        """Whether anything is made that is not there yet."""
        return bool(self.accounts) or any(agent.existing is None or agent.numbers for agent in self.agents)


def describe(planned: PlannedImport, stage: Stage) -> Iterator[Mapping[str, object]]:
    """What will be made, and what is there already, as records for the operator, without any secret."""
    for account in planned.accounts:
        yield {"what": "Twilio account", "name": account.sid, "as": "with its auth token"}
    for sid in planned.kept_accounts:
        yield {"what": "Twilio account", "name": sid, "as": "is there already, and stays as it is"}
    for agent in planned.agents:
        if agent.existing:
            yield {"what": "agent", "name": agent.existing.name, "as": "is there already, and stays as it is"}
        else:
            yield {"what": "agent", "name": agent.name, "as": ", ".join(_settings(agent, stage))}
        if agent.kept:
            yield {"what": "numbers", "name": f"{agent.kept} of them", "as": "are there already"}
        for number, description in agent.numbers.items():
            yield {"what": "number", "name": number, "as": description or "without a description"}


def _settings(agent: PlannedAgent, stage: Stage) -> Iterator[str]:
    yield f"region {stage}"
    if agent.change.session_seconds is not None:
        yield f"sessions of {agent.change.session_seconds:g} seconds"
    if agent.change.failure_reply is not None:
        yield "its own failure reply"
    if agent.change.initiates_from_inbound is False:
        yield "only programs begin sessions"
    if agent.change.timeout_notice is not None:
        yield "says when a session has timed out"
    backend = agent.backend
    if backend is None:
        yield "no backend, so its texts are parked until it gets one"
        return
    places = ", ".join(map(shown_target, backend.places.values()))
    yield f"backend {backend.kind} {places}".rstrip()
    if backend.timeout is not None:
        yield f"{backend.timeout:g} seconds for an answer"


@dataclass
class _Group:
    """Tenants of the file that are one agent here: they differ in their numbers only."""

    name: str
    draft: Draft = field(repr=False)
    where: str
    numbers: dict[str, str] = field(default_factory=dict, repr=False)


def plan(operator: Operator, tenants: Sequence[IbmTenant]) -> PlannedImport:
    """What taking over makes. It changes nothing, and plans nothing that is there already.

    An agent is there already when one has its name, or has one of its numbers.

    Args:
        operator: who asks; the tenant must be certain.
        tenants: the tenants of the files.

    Raises CommandDeclined, Unavailable, Configuration.
    """
    tenant = operator.read()
    groups = list(_groups(tenants))
    numbers = [number for group in groups for number in group.numbers]
    held_numbers = operator.target.numbers_directory.find_all(dict.fromkeys(numbers))
    reasons = [reason for each in tenants for reason in each.not_carried_over]
    reasons += [
        NotCarriedOver(each.where, "tenantPhoneNumber", _NO_NUMBER) for each in tenants if not each.draft.number
    ]
    agents = [_agent(operator, tenant, group, held_numbers, reasons) for group in groups]
    accounts, kept = _accounts(tenant, tenants, reasons)
    return PlannedImport(tuple(accounts), tuple(kept), tuple(agents), tuple(dict.fromkeys(reasons)))


def _groups(tenants: Iterable[IbmTenant]) -> Iterator[_Group]:
    """The tenants as agents; those without a number are none."""
    groups: list[_Group] = []
    for tenant in tenants:
        draft = tenant.draft
        if not draft.number:
            continue
        same = (group for group in groups if _without_number(group.draft) == _without_number(draft))
        group = next(same, None)
        if group is None:
            names = {group.name for group in groups}
            group = _Group(next(name for name in _names(draft) if name not in names), draft, tenant.where)
            groups.append(group)
        described = draft.description if draft.number_description is None else draft.number_description
        group.numbers[draft.number] = group.numbers.get(draft.number) or described
    yield from groups


def _without_number(draft: Draft) -> Draft:
    """What makes an agent; one without a description is known by its number only."""
    return replace(draft, number="", number_description=None) if draft.description else draft


def _names(draft: Draft) -> Iterator[str]:
    """What the agent may be called, the best first: the description, or the end of the number."""
    name = "".join(filter(str.isprintable, draft.description))
    if not is_name(name[:AGENT_NAME_MAX].strip(), AGENT_NAME_MAX):
        name = f"number …{draft.number[-4:]}"
    marks = ("" if n == 1 else f" ({n})" for n in count(1))
    return (name[: AGENT_NAME_MAX - len(mark)].strip() + mark for mark in marks)


def _agent(
    operator: Operator,
    tenant: ManagedTenant,
    group: _Group,
    held_numbers: Mapping[str, HeldNumber],
    reasons: list[NotCarriedOver],
) -> PlannedAgent:
    existing = _existing(tenant, group, held_numbers)
    planned = PlannedAgent(group.name, AgentChange(), None, {}, existing=existing)
    if existing is None:
        change = AgentChange(
            session_seconds=group.draft.session_seconds,
            failure_reply=group.draft.failure_reply,
            initiates_from_inbound=group.draft.initiates_from_inbound,
            timeout_notice=group.draft.timeout_notice,
        )
        planned = replace(planned, change=change, backend=_backend(operator, group, reasons))
    elif not existing.kind.takes_texts:
        why = f"agent {existing.name!r} is of kind {existing.kind} and takes no texts"
        reasons.append(NotCarriedOver(group.where, "tenantPhoneNumber", why))
        return planned
    agent = existing or Agent(new_agent_id(), group.name, AgentKind.SMS, STAGES[0])
    taken = list(taken_elsewhere(tenant, agent, group.numbers, held_numbers))
    reasons += [NotCarriedOver(group.where, "tenantPhoneNumber", str(failure.error)) for failure in taken]
    free = [number for number in group.numbers if number not in held_numbers]
    return replace(
        planned,
        numbers={number: _description(group, number, reasons) for number in free},
        kept=len(group.numbers) - len(free) - len(taken),
    )


def _existing(tenant: ManagedTenant, group: _Group, held_numbers: Mapping[str, HeldNumber]) -> Agent | None:
    """The agent that was made of the same before: it has the name, or one of the numbers if it was renamed."""
    named = next((agent for agent in tenant.agents if agent.name == group.name), None)
    holders = (held_numbers[number] for number in group.numbers if number in held_numbers)
    return named or next(
        filter(None, (tenant.agent(held.agent_id) for held in holders if held.tenant_id == tenant.id)), None
    )


def _backend(operator: Operator, group: _Group, reasons: list[NotCarriedOver]) -> BackendChange | None:
    try:
        backend = backend_of(group.draft.conversation)
        if backend is None:
            return None
        backend = replace(backend, timeout=group.draft.timeout_seconds)
        backend.applied(None, local=operator.local)
    except CommandDeclined as error:
        reasons.append(NotCarriedOver(group.where, "conversation", str(error)))
        return None
    reasons += [NotCarriedOver(group.where, name, why) for name, why in not_used(group.draft.conversation)]
    return backend


def _description(group: _Group, number: str, reasons: list[NotCarriedOver]) -> str:
    text = "".join(filter(str.isprintable, group.numbers[number])).strip()
    if len(text) > DESCRIPTION_MAX:
        why = f"a number's description has no more than {DESCRIPTION_MAX} characters here, so the rest is cut off"
        reasons.append(NotCarriedOver(group.where, "description", why))
    return check_description(text[:DESCRIPTION_MAX])


def _accounts(
    tenant: ManagedTenant, tenants: Iterable[IbmTenant], reasons: list[NotCarriedOver]
) -> tuple[list[PlannedAccount], list[str]]:
    """The accounts that the tenant does not have yet, and the SIDs of those that it has."""
    new: dict[str, PlannedAccount] = {}
    kept: dict[str, None] = {}
    for each in tenants:
        provider = each.draft.provider
        if provider == Provider():
            continue
        try:
            sid, token = _checked(provider)
        except InvalidValue as error:
            reasons.append(NotCarriedOver(each.where, "smsProvider", str(error)))
            continue
        if account := tenant.account(sid):
            kept[sid] = None
            if token not in account.auth_tokens:
                why = f"account {sid} is set already, without this auth token: sms twilio set-account {sid} --add-token"
                reasons.append(NotCarriedOver(each.where, "smsProvider.password", why))
        elif new.setdefault(sid, PlannedAccount(sid, token, each.where)).token != token:
            why = f"the file has two auth tokens of account {sid}, and the first is taken"
            reasons.append(NotCarriedOver(each.where, "smsProvider.password", why))
    return list(new.values()), list(kept)


def _checked(provider: Provider) -> tuple[str, str]:
    """The account's SID and auth token. Raises InvalidValue."""
    if not _is_twilio(provider.url):
        message = "the provider is not Twilio, and no other one can be chosen here"
        raise InvalidValue(message)
    return check_account_sid(provider.sid), check_auth_token(provider.token)


def _is_twilio(url: str) -> bool:
    """Whether it is a URL of Twilio's API; an empty one stands for it too, because IBM knew no other provider."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return False
    return not url or (host is not None and f".{host}".endswith(".twilio.com"))
