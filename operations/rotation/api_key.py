"""Replacing a credential by a new one, so that no text ever comes with a key that does not work.

Pure, like `operations/numbers/connect.py`. How far a rotation is can be read from the tenant's document, where the new
credential names the one that it `replaces`, and from the provider, whose webhooks have the new key. So the key is read
back from a webhook and stored nowhere else. A new key that is in no webhook is lost, and another one takes its place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from operations.numbers import connect, drift, webhook_url
from operations.numbers.connect import Plan
from operations.numbers.drift import Difference, Key, numbers_of
from operations.numbers.provider_number import ProviderNumber
from operations.tenants.edits import Edit, add_credential, credential_named, existing, in_turn
from shared.errors import CommandDeclined, Conflict
from shared.tenants import api_keys
from shared.tenants.tenant import CREDENTIAL_NAME_MAX, Credential, Tenant

_MARK = " (new)"


@dataclass(frozen=True)
class Rotation:
    """What remains to be done for a rotation.

    Attributes:
        old: the credential that will be revoked.
        new: the credential that takes its place, with its key; the key is empty where only others know it.
        changes: everything that changes, in words.
        numbers: a plan for each number whose webhooks will get the new key, by number.
        of_numbers_alone: whether the key was made for numbers and shown to nobody.
        edit: the change of the tenant's document, which comes before the numbers.
    """

    old: Credential
    new: Key
    changes: tuple[Difference, ...]
    numbers: Mapping[str, Plan]
    of_numbers_alone: bool
    edit: Edit

    @property
    def is_settled(self) -> bool:
        """Whether nothing remains but to revoke the old credential."""
        return not (self.new.is_new or self.numbers)


def parties(tenant: Tenant, name: str) -> tuple[Credential, Credential | None]:
    """The old credential, found by its own name or by its successor's, and the successor. Raises NotFound."""
    named = credential_named(tenant, name)
    old = (tenant.credential(named.replaces) if named.replaces else None) or named
    return old, next((credential for credential in tenant.credentials if credential.replaces == old.id), None)


def issue_successor(tenant: Tenant, old: Credential, now: datetime) -> Key:
    """A successor with its key, for when there is none or its key is lost.

    It has its own name until the old credential is revoked.
    """
    taken = {credential.name for credential in tenant.credentials if credential.replaces != old.id}
    marks = (_MARK if n == 1 else f"{_MARK[:-1]} {n})" for n in count(1))
    name = next(name for mark in marks if (name := old.name[: CREDENTIAL_NAME_MAX - len(mark)] + mark) not in taken)
    credential, text = api_keys.issue(tenant.id, name, old.role, now)
    return Key(replace(credential, replaces=old.id), text, is_new=True)


def rotate(
    tenant: Tenant,
    name: str,
    provider_numbers: Mapping[str, ProviderNumber],
    bases: Mapping[str, str],
    candidate: Key,
) -> Rotation:
    """What remains to be done.

    Args:
        tenant: the tenant as it is.
        name: the name of the old credential or of its successor.
        provider_numbers: the tenant's numbers as the provider has them, by number.
        bases: the URL that each deployed stage's webhooks begin with.
        candidate: the successor to add, if one is needed; see `issue_successor`.

    Raises NotFound, and CommandDeclined when a number is not as it was connected.
    """
    old, successor = parties(tenant, name)
    pair = [credential for credential in (old, successor) if credential]
    pair_ids = {credential.id for credential in pair}
    numbers = [
        number for number in numbers_of(tenant) if _has_key_of(pair, tenant, number, provider_numbers.get(number))
    ]
    for number in numbers:
        _check(tenant, number, provider_numbers.get(number), pair, bases)
    new, lost = _new_key(tenant, successor, [provider_numbers[number] for number in numbers], candidate)
    edit = in_turn(_without_lost(lost, old), add_credential(new.credential)) if new.is_new else _unchanged
    changes = [Difference(f"credential {new.credential.name!r}", webhook_url.NONE, "made")] if new.is_new else []
    after, plans = edit(tenant), dict[str, Plan]()
    if new.text:
        for number in numbers:
            plan = _plan(after, provider_numbers[number], old, new, bases)
            if plan.changes or plan.edit(after) != after:
                after, plans[number] = plan.edit(after), plan
                changes += [replace(change, what=f"…{number[-4:]}: {change.what}") for change in plan.changes]
    changes.append(Difference(f"credential {old.name!r}", "works", "revoked once unused; its name goes to the new one"))
    return Rotation(
        old=old,
        new=new,
        changes=tuple(changes),
        numbers=plans,
        of_numbers_alone=any(
            connection.owns_credential and connection.credential_id in pair_ids for connection in tenant.connections
        ),
        edit=in_turn(edit, *(plan.edit for plan in plans.values())),
    )


def finish(rotation: Rotation) -> Edit:
    """The edit that revokes the old credential and gives its name to the new one.

    Raises NotFound when the new credential was revoked meanwhile, and Conflict when a number uses the old one again.
    """
    old, new = rotation.old, rotation.new.credential

    def edit(tenant: Tenant) -> Tenant:
        stored = existing(tenant.credential(new.id), f"somebody revoked credential {new.name!r} meanwhile")
        if any(connection.credential_id == old.id for connection in tenant.connections):
            message = f"somebody connected a number with credential {old.name!r} again; run the command again"
            raise Conflict(message)
        remaining = (credential for credential in tenant.credentials if credential.id != old.id)
        renamed = replace(stored, name=old.name, replaces=None)
        return replace(
            tenant,
            credentials=tuple(renamed if credential == stored else credential for credential in remaining),
        )

    return edit


def _has_key_of(pair: list[Credential], tenant: Tenant, number: str, provider_number: ProviderNumber | None) -> bool:
    """Whether the number was connected with a key of the pair, or has one at the provider."""
    connection = tenant.connection(number)
    is_connected = connection is not None and connection.credential_id in {credential.id for credential in pair}
    return is_connected or any(credential in pair for credential in _credentials_in_use(tenant, provider_number))


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


def _check(
    tenant: Tenant,
    number: str,
    provider_number: ProviderNumber | None,
    pair: list[Credential],
    bases: Mapping[str, str],
) -> None:
    """Raises CommandDeclined when somebody has changed the number, for a reason that is not known here."""
    of_service = _credentials_in_use(tenant, provider_number)[2:]
    if provider_number and provider_number.service and any(credential in pair for credential in of_service):
        message = (
            f"this key is in the webhook of Messaging Service {provider_number.service.sid}, which this command cannot "
            "change: in Twilio's console let the service leave texts to its numbers (Defer to sender's webhook), or "
            "give it the URL of another key (sms credential create, sms url --key-from-stdin), and run this again"
        )
        raise CommandDeclined(message)
    if tenant.connection(number) is None:
        return
    if provider_number and _credentials_in_use(tenant, provider_number)[0] not in pair:
        what = "API key"
    else:
        what = ", ".join(difference.what for difference in drift.drift(tenant, number, provider_number, bases))
    if what:
        message = (
            f"somebody changed number …{number[-4:]} since it was connected: {what}; see: sms number check; put it "
            "right with sms number connect, or disconnect it with sms number disconnect, and run this again"
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


def _plan(tenant: Tenant, provider_number: ProviderNumber, old: Credential, new: Key, bases: Mapping[str, str]) -> Plan:
    number = provider_number.number
    agent = existing(tenant.agent_at(number), f"no agent has number …{number[-4:]}; see: sms number check")
    plan = connect.connect(tenant, provider_number, agent.name, bases, replace(new, is_new=False), take_over=False)
    if plan.obstacles:
        message = f"credential {old.name!r} cannot be rotated: {'; '.join(plan.obstacles)}"
        raise CommandDeclined(message)
    return plan


def _without_lost(lost: Credential | None, old: Credential) -> Edit:
    """Removes a successor whose key is lost. The numbers that should have got its key still have the old one."""

    def edit(tenant: Tenant) -> Tenant:
        if lost is None:
            return tenant
        connections = tuple(
            replace(connection, credential_id=old.id) if connection.credential_id == lost.id else connection
            for connection in tenant.connections
        )
        credentials = tuple(credential for credential in tenant.credentials if credential != lost)
        return replace(tenant, credentials=credentials, connections=connections)

    return edit


def _unchanged(tenant: Tenant) -> Tenant:
    return tenant
