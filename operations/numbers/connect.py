"""Connecting a number: what it takes so that its texts come to its agent.

Pure: it gets the tenant's document and what the provider has, and gives back a plan. The command shows the plan, makes
it once more of what is there right before it writes, and writes: the document first, then the provider. So whatever
interrupts it, a key that stands at the provider is known here; and running it again does what is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count

from operations.numbers import webhook_url
from operations.numbers.drift import (
    Change,
    Key,
    capturing_service,
    differences,
    ideal_webhooks,
    obstacles,
    present_key,
)
from operations.numbers.provider_number import ProviderNumber
from operations.tenants.agent_edits import agent_named, assign_number
from operations.tenants.edits import Edit, add_credential, exchanged, in_turn
from shared.errors import Declined
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.tenant import Credential, Tenant


@dataclass(frozen=True)
class Plan:
    """What connecting or disconnecting comes to.

    Attributes:
        changes: all of it, in words.
        obstacles: sentences, each with its cure; with one of them the texts would go elsewhere still.
        webhooks: what the number's webhooks become.
        service: the Messaging Service that is to leave texts to its numbers, or no longer; empty for none.
        edit: the change of the tenant's document.
        keeps: sentences about what is left as it is.
    """

    changes: tuple[Change, ...]
    webhooks: Webhooks
    edit: Edit
    service: str = ""
    obstacles: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()


def connect(  # noqa: PLR0913 -- who, what and how
    tenant: Tenant, found: ProviderNumber, agent_name: str, bases: Mapping[str, str], spare: Key, *, take_over: bool
) -> Plan:
    """The plan for a number.

    Args:
        tenant: the tenant as it is.
        found: the number as the provider has it.
        agent_name: who is to get its texts.
        bases: the URL that each deployed stage's webhooks begin with.
        spare: the key to use; a new one gives way to a working key that stands at the provider already.
        take_over: whether to remove what keeps the texts from the number's own webhooks.

    Raises Declined.
    """
    agent = agent_named(tenant, agent_name)
    if agent.stage not in bases:
        message = f"stage {agent.stage} is not deployed; run: make deploy STAGE={agent.stage}"
        raise Declined(message)
    key = (present_key(tenant, found) if spare.is_new else None) or spare
    ideal = ideal_webhooks(tenant, found, agent.stage, bases, key.text, keep=spare.is_new)
    service = capturing_service(tenant, found, ideal)
    old = tenant.connection(found.number)
    superseded = _superseded(tenant, found, old, key)
    made = Connection(
        number=found.number,
        number_sid=found.sid,
        account=found.account,
        credential_id=key.credential.id,
        owns_credential=key.is_new or _owned(tenant, old, key),
        former=old.former if old and old.number_sid == found.sid else _former(found),
        service=service.sid if service else _relied_on(tenant, found),
    )
    edit = in_turn(
        assign_number(found.number, agent_name),
        _without_credential(superseded),
        add_credential(key.credential) if key.is_new else _same,
        _with_connection(made),
    )
    edit(tenant)  # declines here what it would decline later
    new = f"of a new credential, {key.credential.name!r}" if key.is_new else f"of {key.credential.name!r}"
    own = [Change("agent", _holder(tenant, found.number), agent_name)]
    own += [Change(f"credential {superseded.name!r}", "in no webhook", "revoked")] if superseded else []
    own += [Change("connection", webhook_url.NONE, "remembered, with what was before")] if old is None else []
    changes = (*own, *differences(tenant, found, ideal, new))
    return Plan(
        changes=tuple(change for change in changes if change.present != change.wanted),
        webhooks=ideal,
        edit=edit,
        service=service.sid if service else "",
        obstacles=() if take_over else tuple(obstacles(found, service)),
        keeps=(*_left_over(tenant, old, key, superseded), *_not_kept(tenant, found)),
    )


def credential_name(tenant: Tenant, number: str) -> str:
    """A name for a credential for the number alone, that no other has; one made for it before is superseded."""
    old = tenant.connection(number)
    superseded = old.credential_id if old and old.owns_credential else None
    taken = {credential.name for credential in tenant.credentials if credential.id != superseded}
    first = f"number …{number[-4:]}"
    return next(name for n in count(1) if (name := first if n == 1 else f"{first} ({n})") not in taken)


def _relied_on(tenant: Tenant, found: ProviderNumber) -> str:
    """The service, if it leaves texts to its numbers because one of them was connected."""
    sid = found.service.sid if found.service else ""
    return sid if any(sid and connection.service == sid for connection in tenant.connections) else ""


def _former(found: ProviderNumber) -> Webhooks:
    """What was before, without webhooks that have an API key of ours or of another tenant's: keys are kept nowhere."""
    has = found.webhooks
    return replace(
        has,
        url="" if webhook_url.tenant_in(has.url) else has.url,
        fallback_url="" if webhook_url.tenant_in(has.fallback_url) else has.fallback_url,
    )


def _owned(tenant: Tenant, old: Connection | None, key: Key) -> bool:
    """Whether the key was made for this number before, or is being exchanged for one that was."""
    if old is None or not old.owns_credential:
        return False
    former = tenant.credential(old.credential_id)
    return old.credential_id in {key.credential.id, key.credential.replaces} or bool(
        former and former.replaces == key.credential.id
    )


def _superseded(tenant: Tenant, found: ProviderNumber, old: Connection | None, key: Key) -> Credential | None:
    """The credential that was made for this number before, if its key is in no webhook of it: nobody else has it."""
    if old is None or not old.owns_credential or _owned(tenant, old, key):
        return None
    urls = (found.webhooks.url, found.webhooks.fallback_url)
    used = [webhook_url.working_credential(url, tenant) for url in urls]
    former = tenant.credential(old.credential_id)
    return None if former in used else former


def _left_over(tenant: Tenant, old: Connection | None, key: Key, superseded: Credential | None) -> list[str]:
    """The credential that was made for this number before, if another takes its place now."""
    former = tenant.credential(old.credential_id) if old and old.owns_credential else None
    if former is None or former == superseded or _owned(tenant, old, key):
        return []
    return [f"no webhook of this number needs credential {former.name!r} then; see: sms credential revoke"]


def _not_kept(tenant: Tenant, found: ProviderNumber) -> list[str]:
    other = webhook_url.tenant_in(found.webhooks.url)
    if other in {None, tenant.id}:
        return []
    return [
        f"the present webhook is tenant {other!r}'s, whose key is kept nowhere: disconnecting will not bring it back"
    ]


def _holder(tenant: Tenant, number: str) -> str:
    holder = tenant.agent_at(number)
    return holder.name if holder else webhook_url.NONE


def _without_credential(credential: Credential | None) -> Edit:
    return lambda tenant: replace(tenant, credentials=tuple(one for one in tenant.credentials if one != credential))


def _with_connection(made: Connection) -> Edit:
    def edit(tenant: Tenant) -> Tenant:
        old = tenant.connection(made.number)
        if old is None:
            return replace(tenant, connections=(*tenant.connections, made))
        return replace(tenant, connections=exchanged(tenant.connections, made, instead_of=old))

    return edit


def _same(tenant: Tenant) -> Tenant:
    return tenant
