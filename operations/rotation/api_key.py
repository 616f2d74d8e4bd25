"""Replacing a credential by a new one, so that no text ever comes with a key that does not work.

Pure, like `operations/numbers/connect.py`. How far a rotation is can be read from the tenant, whose new credential
names the one that it `replaces`, and from the provider, whose webhooks have the new key. So the key is read back from a
webhook and stored nowhere else. A new key that is in no webhook is lost, and another one takes its place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from operations.numbers import connect, drift, webhook_url
from operations.numbers.connect import Plan
from operations.numbers.drift import Difference, Key
from operations.numbers.provider_number import ProviderNumber
from operations.numbers.state import NumberState
from operations.tenants.edits import Edit, add_credential, credential_named, existing, in_turn
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined
from shared.tenants import api_keys
from shared.tenants.tenant import CREDENTIAL_NAME_MAX, Credential, Tenant

_MARK = " (new)"


@dataclass(frozen=True)
class Rotation:
    """What remains to be done for a rotation.

    Attributes:
        old: the credential that will be revoked.
        new: the credential that takes its place, with its key; the key is empty where only others know it.
        changes: what changes about credentials, in words.
        numbers: a plan for each number whose webhooks will get the new key, by number.
        edit: the change of the tenant, which comes before the numbers.
    """

    old: Credential
    new: Key
    changes: tuple[Difference, ...]
    numbers: Mapping[str, Plan]
    edit: Edit

    @property
    def of_numbers_alone(self) -> bool:
        """Whether only the numbers of an agent have the key, which was shown to nobody."""
        return self.old.agent_id is not None

    @property
    def is_settled(self) -> bool:
        """Whether nothing remains but to revoke the old credential."""
        return not (self.new.is_new or self.numbers)

    def is_the_same(self, other: "Rotation") -> bool:
        """Whether both would change the same."""
        return self.changes == other.changes and {number: plan.changes for number, plan in self.numbers.items()} == {
            number: plan.changes for number, plan in other.numbers.items()
        }


def parties(tenant: ManagedTenant, name: str) -> tuple[Credential, Credential | None]:
    """The old credential, found by its own name or by its successor's, and the successor. Raises NotFound."""
    named = credential_named(tenant, name)
    old = (tenant.credential(named.replaces) if named.replaces else None) or named
    return old, next((credential for credential in tenant.credentials if credential.replaces == old.id), None)


def issue_successor(tenant: ManagedTenant, old: Credential, now: datetime) -> Key:
    """A successor with its key, for when there is none or its key is lost.

    It has its own name until the old credential is revoked.
    """
    taken = {credential.name for credential in tenant.credentials if credential.replaces != old.id}
    marks = (_MARK if n == 1 else f"{_MARK[:-1]} {n})" for n in count(1))
    name = next(name for mark in marks if (name := old.name[: CREDENTIAL_NAME_MAX - len(mark)] + mark) not in taken)
    credential, text = api_keys.issue(tenant.id, name, old.role, now)
    return Key(replace(credential, replaces=old.id, agent_id=old.agent_id), text, is_new=True)


def rotate(
    tenant: ManagedTenant, name: str, states: Mapping[str, NumberState], bases: Mapping[str, str], candidate: Key
) -> Rotation:
    """What remains to be done.

    Args:
        tenant: the tenant as it is.
        name: the name of the old credential or of its successor.
        states: the numbers that may have the key of one of them, by number.
        bases: the URL that each deployed stage's webhooks begin with.
        candidate: the successor to add, if one is needed; see `issue_successor`.

    Raises NotFound, and CommandDeclined when a number is not as it was connected.
    """
    old, successor = parties(tenant, name)
    pair = [credential for credential in (old, successor) if credential]
    with_key = [state for state in states.values() if has_key_of(pair, tenant, state)]
    for state in with_key:
        _check(tenant, state, pair, bases)
    provider_numbers = [state.at_provider for state in with_key if state.at_provider]
    new, lost = _new_key(tenant, successor, provider_numbers, candidate)
    edit = in_turn(_without_lost(lost), add_credential(new.credential)) if new.is_new else _unchanged
    changes = [Difference(f"credential {new.credential.name!r}", webhook_url.NONE, "made")] if new.is_new else []
    changes.append(Difference(f"credential {old.name!r}", "works", "revoked once unused; its name goes to the new one"))
    after, plans = edit(tenant), dict[str, Plan]()
    for state in with_key if new.text else []:
        plan = _plan(after, state, old, new, bases)
        if plan.changes or plan.connection != state.connection:
            plans[state.number] = plan
    return Rotation(old=old, new=new, changes=tuple(changes), numbers=plans, edit=edit)


def finish(rotation: Rotation) -> Edit:
    """The edit that revokes the old credential and gives its name to the new one.

    Raises NotFound when the new credential was revoked meanwhile.
    """
    old, new = rotation.old, rotation.new.credential

    def edit(tenant: ManagedTenant) -> ManagedTenant:
        stored = existing(tenant.credential(new.id), f"somebody revoked credential {new.name!r} meanwhile")
        remaining = (credential for credential in tenant.credentials if credential.id != old.id)
        renamed = replace(stored, name=old.name, replaces=None)
        return replace(
            tenant,
            credentials=tuple(renamed if credential == stored else credential for credential in remaining),
        )

    return edit


def has_key_of(pair: list[Credential], tenant: Tenant, state: NumberState) -> bool:
    """Whether the number was connected with a key of the pair, or has one at the provider."""
    connection = state.connection
    is_connected = connection is not None and connection.credential_id in {credential.id for credential in pair}
    return is_connected or any(credential in pair for credential in _credentials_in_use(tenant, state.at_provider))


def _credentials_in_use(tenant: Tenant, provider_number: ProviderNumber | None) -> list[Credential | None]:
    """The credentials whose keys are in the URLs that are called for the number's texts.

    The first is the webhook's, the second the fallback's, the third the one of a Messaging Service that takes the
    texts. None stands for a URL without a working key.
    """
    if provider_number is None:
        return []
    urls = [provider_number.webhooks.url, provider_number.webhooks.fallback_url]
    if provider_number.service and not provider_number.service.on_number:
        urls.append(provider_number.service.url)
    return [webhook_url.working_credential(url, tenant) for url in urls]


def _check(tenant: ManagedTenant, state: NumberState, pair: list[Credential], bases: Mapping[str, str]) -> None:
    """Raises CommandDeclined when somebody has changed the number, for a reason that is not known here."""
    provider_number = state.at_provider
    of_service = _credentials_in_use(tenant, provider_number)[2:]
    if provider_number and provider_number.service and any(credential in pair for credential in of_service):
        message = (
            f"this key is in the webhook of Messaging Service {provider_number.service.sid}, which this command cannot "
            "change: in Twilio's console let the service leave texts to its numbers (Defer to sender's webhook), or "
            "give it the URL of another key (sms credential create, sms url --key-from-stdin), and run this again"
        )
        raise CommandDeclined(message)
    if state.connection is None:
        return
    if provider_number and _credentials_in_use(tenant, provider_number)[0] not in pair:
        what = "API key"
    else:
        agent = tenant.agent(state.agent_id(tenant.id) or "")
        what = ", ".join(difference.what for difference in drift.drift(tenant, agent, provider_number, bases))
    if what:
        message = (
            f"somebody changed number …{state.number[-4:]} since it was connected: {what}; see: sms number check; put "
            "it right with sms number connect, or disconnect it with sms number disconnect, and run this again"
        )
        raise CommandDeclined(message)


def _new_key(
    tenant: Tenant, successor: Credential | None, provider_numbers: Iterable[ProviderNumber], candidate: Key
) -> tuple[Key, Credential | None]:
    """The successor with its key, and the earlier successor whose key is lost, if the candidate replaces one."""
    if successor is None:
        return candidate, None
    webhooks = [provider_number.webhooks for provider_number in provider_numbers]
    for url in (url for hooks in webhooks for url in (hooks.url, hooks.fallback_url)):
        if webhook_url.working_credential(url, tenant) == successor:
            return Key(successor, webhook_url.key_in(url) or ""), None
    return (candidate, successor) if webhooks else (Key(successor, ""), None)


def _plan(tenant: ManagedTenant, state: NumberState, old: Credential, new: Key, bases: Mapping[str, str]) -> Plan:
    agent = existing(
        tenant.agent(state.agent_id(tenant.id) or ""),
        f"no agent has number …{state.number[-4:]}; see: sms number check",
    )
    plan = connect.connect(tenant, state, agent, bases, replace(new, is_new=False), keep=False, take_over=False)
    if plan.obstacles:
        message = f"credential {old.name!r} cannot be rotated: {'; '.join(plan.obstacles)}"
        raise CommandDeclined(message)
    return plan


def _without_lost(lost: Credential | None) -> Edit:
    """Removes a successor whose key is lost. The numbers that should have got its key still have the old one."""
    return lambda tenant: replace(
        tenant, credentials=tuple(credential for credential in tenant.credentials if credential != lost)
    )


def _unchanged(tenant: ManagedTenant) -> ManagedTenant:
    return tenant
