"""Exchanging a credential for a new one, so that at no moment a text comes with a key that does not work.

Pure, like `operations/numbers/connect.py`. All that tells how far it is stands in the tenant's document (the new
credential names the one that it `replaces`) and at the provider, whose webhooks hold the new key: it can be read back
from there, so it is kept nowhere. A new key that stands nowhere is lost, and another one takes its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from operations.numbers import connect, drift, webhook_url
from operations.numbers.connect import Plan
from operations.numbers.drift import Change, Key, numbers_of
from operations.numbers.provider_number import ProviderNumber
from operations.tenants.edits import Edit, add_credential, credential_named, found, in_turn
from shared.errors import Conflict, Declined
from shared.tenants import api_keys
from shared.tenants.tenant import CREDENTIAL_NAME_MAX, Credential, Tenant

_MARK = " (new)"


@dataclass(frozen=True)
class Rotation:
    """What is left to do for an exchange.

    Attributes:
        old: the credential that goes.
        new: the credential that takes its place, with its key; the key is empty where it is known to others only.
        changes: all of it, in words.
        numbers: the numbers whose webhooks are to get the new key, by number, with the plan for each.
        of_numbers_alone: whether the key was made for numbers and shown to nobody.
        edit: the change of the tenant's document that comes before the numbers.
    """

    old: Credential
    new: Key
    changes: tuple[Change, ...]
    numbers: Mapping[str, Plan]
    of_numbers_alone: bool
    edit: Edit

    @property
    def is_settled(self) -> bool:
        """Whether only the old credential is left to be revoked."""
        return not (self.new.is_new or self.numbers)


def parties(tenant: Tenant, name: str) -> tuple[Credential, Credential | None]:
    """The credential that goes, by its own name or by its successor's; and the successor. Raises NotFound."""
    named = credential_named(tenant, name)
    old = (tenant.credential(named.replaces) if named.replaces else None) or named
    return old, next((one for one in tenant.credentials if one.replaces == old.id), None)


def spare(tenant: Tenant, old: Credential, now: datetime) -> Key:
    """A successor with its key, in case there is none, or its key is lost. Its name lasts until the old one is gone."""
    taken = {one.name for one in tenant.credentials if one.replaces != old.id}
    marks = (_MARK if n == 1 else f"{_MARK[:-1]} {n})" for n in count(1))
    name = next(name for mark in marks if (name := old.name[: CREDENTIAL_NAME_MAX - len(mark)] + mark) not in taken)
    credential, text = api_keys.issue(tenant.id, name, old.role, now)
    return Key(replace(credential, replaces=old.id), text, is_new=True)


def rotate(
    tenant: Tenant, name: str, at_provider: Mapping[str, ProviderNumber], bases: Mapping[str, str], spare: Key
) -> Rotation:
    """What is left to do.

    Args:
        tenant: the tenant as it is.
        name: the credential's.
        at_provider: the tenant's numbers as the provider has them, by number.
        bases: the URL that each deployed stage's webhooks begin with.
        spare: the successor to be, if one is needed.

    Raises NotFound, and Declined when a number is not as it was connected.
    """
    old, successor = parties(tenant, name)
    both = [one for one in (old, successor) if one]
    ids = {one.id for one in both}
    numbers = [one for one in numbers_of(tenant) if _concerned(tenant, one, at_provider.get(one), both)]
    for number in numbers:
        _check(tenant, number, at_provider.get(number), both, bases)
    new, lost = _new(tenant, successor, [at_provider[number] for number in numbers], spare)
    edit = in_turn(_without(lost, old), add_credential(new.credential)) if new.is_new else _same
    changes = [Change(f"credential {new.credential.name!r}", webhook_url.NONE, "made")] if new.is_new else []
    after, plans = edit(tenant), dict[str, Plan]()
    if new.text:
        for number in numbers:
            plan = _plan(after, at_provider[number], old, new, bases)
            if plan.changes or plan.edit(after) != after:
                after, plans[number] = plan.edit(after), plan
                changes += [replace(one, what=f"…{number[-4:]}: {one.what}") for one in plan.changes]
    changes.append(Change(f"credential {old.name!r}", "works", "revoked once unused; its name goes to the new one"))
    return Rotation(
        old=old,
        new=new,
        changes=tuple(changes),
        numbers=plans,
        of_numbers_alone=any(one.owns_credential and one.credential_id in ids for one in tenant.connections),
        edit=in_turn(edit, *(plan.edit for plan in plans.values())),
    )


def finish(rotation: Rotation) -> Edit:
    """Revokes the old credential, whose name goes to the new one."""
    old, new = rotation.old, rotation.new.credential

    def edit(tenant: Tenant) -> Tenant:
        present = found(tenant.credential(new.id), f"somebody revoked credential {new.name!r} meanwhile")
        if any(one.credential_id == old.id for one in tenant.connections):
            message = f"somebody connected a number with credential {old.name!r} again; run the command again"
            raise Conflict(message)
        kept = (one for one in tenant.credentials if one.id != old.id)
        named = replace(present, name=old.name, replaces=None)
        return replace(tenant, credentials=tuple(named if one == present else one for one in kept))

    return edit


def _concerned(tenant: Tenant, number: str, there: ProviderNumber | None, both: list[Credential]) -> bool:
    connection = tenant.connection(number)
    is_connected = connection is not None and connection.credential_id in {one.id for one in both}
    return is_connected or any(one in both for one in _standing(tenant, there))


def _standing(tenant: Tenant, there: ProviderNumber | None) -> list[Credential | None]:
    """Whose keys stand in what is called for a number's texts, the webhook's first."""
    if there is None:
        return []
    urls = [there.webhooks.url, there.webhooks.fallback_url]
    if there.service and not there.service.on_number:
        urls.append(there.service.url)
    return [webhook_url.working_credential(url, tenant) for url in urls]


def _check(
    tenant: Tenant, number: str, there: ProviderNumber | None, both: list[Credential], bases: Mapping[str, str]
) -> None:
    """Raises Declined when somebody has changed the number: whoever did had a reason, which is not known here."""
    told = f"number …{number[-4:]}"
    of_service = _standing(tenant, there)[2:]
    if there and there.service and any(one in both for one in of_service):
        message = (
            f"this key stands in Messaging Service {there.service.sid}, where it cannot be exchanged from here: in "
            "Twilio's console let the service leave texts to its numbers (Defer to sender's webhook), or give it the "
            "URL of another key (sms credential create, sms url --key-from-stdin), and run this again"
        )
        raise Declined(message)
    if tenant.connection(number) is None:
        return
    if there and _standing(tenant, there)[0] not in both:
        what = "API key"
    else:
        what = ", ".join(change.what for change in drift.drift(tenant, number, there, bases))
    if what:
        message = (
            f"somebody changed {told} since it was connected: {what}; see: sms number check; put it right with "
            "sms number connect, or let it go with sms number disconnect, and run this again"
        )
        raise Declined(message)


def _new(
    tenant: Tenant, successor: Credential | None, there: list[ProviderNumber], spare: Key
) -> tuple[Key, Credential | None]:
    """The successor with its key, and the one that it takes the place of because its key is lost."""
    if successor is None:
        return spare, None
    for one in there:
        for url in (one.webhooks.url, one.webhooks.fallback_url):
            if webhook_url.working_credential(url, tenant) == successor:
                return Key(successor, webhook_url.key_in(url) or ""), None
    return (spare, successor) if there else (Key(successor, ""), None)


def _plan(tenant: Tenant, there: ProviderNumber, old: Credential, new: Key, bases: Mapping[str, str]) -> Plan:
    agent = found(tenant.agent_at(there.number), f"no agent has number …{there.number[-4:]}; see: sms number check")
    plan = connect.connect(tenant, there, agent.name, bases, replace(new, is_new=False), take_over=False)
    if plan.obstacles:
        message = f"credential {old.name!r} cannot be rotated: {'; '.join(plan.obstacles)}"
        raise Declined(message)
    return plan


def _without(lost: Credential | None, old: Credential) -> Edit:
    """Takes away a successor whose key is lost: the numbers that were to get it have the old one still."""

    def edit(tenant: Tenant) -> Tenant:
        if lost is None:
            return tenant
        connections = (
            replace(one, credential_id=old.id) if one.credential_id == lost.id else one for one in tenant.connections
        )
        kept = tuple(one for one in tenant.credentials if one != lost)
        return replace(tenant, credentials=kept, connections=tuple(connections))

    return edit


def _same(tenant: Tenant) -> Tenant:
    return tenant
