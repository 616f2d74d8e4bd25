"""The plan to connect a number, so that its texts come to its agent.

These functions are pure: they get the tenant's document and what the provider has, and return a plan. The command shows
the plan, makes it again from the newest state right before it writes, and then writes the document first and the
provider second. So a key at the provider is always known here, even after an interruption, and running the command
again does what remains.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count

from operations.numbers import webhook_url
from operations.numbers.drift import (
    Difference,
    Key,
    capturing_service,
    current_key,
    differences,
    ideal_webhooks,
    obstacles,
)
from operations.numbers.provider_number import ProviderNumber
from operations.tenants.agent_edits import agent_named, assign_number
from operations.tenants.edits import Edit, add_credential, in_turn, replaced
from shared.errors import CommandDeclined
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.tenant import Credential, Tenant


@dataclass(frozen=True)
class Plan:
    """What connecting or disconnecting a number will change.

    Attributes:
        changes: everything that changes, in words.
        obstacles: sentences, each with its cure; as long as there is one, the texts would still go elsewhere.
        webhooks: what the number's webhooks become.
        service: the SID of the Messaging Service that will leave texts to its numbers, or when disconnecting no longer;
            empty for none.
        edit: the change of the tenant's document.
        keeps: sentences about what stays as it is.
    """

    changes: tuple[Difference, ...]
    webhooks: Webhooks
    edit: Edit
    service: str = ""
    obstacles: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()


def connect(  # noqa: PLR0913 -- who, what and how
    tenant: Tenant,
    provider_number: ProviderNumber,
    agent_name: str,
    bases: Mapping[str, str],
    candidate: Key,
    *,
    take_over: bool,
) -> Plan:
    """The plan to connect a number.

    Args:
        tenant: the tenant as it is.
        provider_number: the number as the provider has it.
        agent_name: the agent that will get its texts.
        bases: the URL that each deployed stage's webhooks begin with.
        candidate: the key to use. If it is new, and the webhooks have a working key already, that one is used.
        take_over: whether to remove what keeps the texts from the number's own webhooks.

    Raises CommandDeclined.
    """
    agent = agent_named(tenant, agent_name)
    if agent.stage not in bases:
        message = f"stage {agent.stage} is not deployed; run: make deploy STAGE={agent.stage}"
        raise CommandDeclined(message)
    key = (current_key(tenant, provider_number) if candidate.is_new else None) or candidate
    ideal = ideal_webhooks(tenant, provider_number, agent.stage, bases, key.text, keep=candidate.is_new)
    service = capturing_service(tenant, provider_number, ideal)
    old = tenant.connection(provider_number.number)
    superseded = _superseded(tenant, provider_number, old, key)
    connection = Connection(
        number=provider_number.number,
        number_sid=provider_number.sid,
        account=provider_number.account,
        credential_id=key.credential.id,
        owns_credential=key.is_new or _is_owned(tenant, old, key),
        former=old.former if old and old.number_sid == provider_number.sid else _former_webhooks(provider_number),
        service=service.sid if service else _service_in_use(tenant, provider_number),
    )
    edit = in_turn(
        assign_number(provider_number.number, agent_name),
        _without_credential(superseded),
        add_credential(key.credential) if key.is_new else _unchanged,
        _with_connection(connection),
    )
    edit(tenant)  # raises now what it would raise when it is applied
    key_in_words = f"of a new credential, {key.credential.name!r}" if key.is_new else f"of {key.credential.name!r}"
    changes = [Difference("agent", _agent_name_at(tenant, provider_number.number), agent_name)]
    if superseded:
        changes.append(Difference(f"credential {superseded.name!r}", "in no webhook", "revoked"))
    if old is None:
        changes.append(Difference("connection", webhook_url.NONE, "remembered, with what was before"))
    changes += differences(tenant, provider_number, ideal, key_in_words)
    return Plan(
        changes=tuple(change for change in changes if change.current != change.desired),
        webhooks=ideal,
        edit=edit,
        service=service.sid if service else "",
        obstacles=() if take_over else tuple(obstacles(provider_number, service)),
        keeps=(*_unneeded_credential(tenant, old, key, superseded), *_unrestorable_webhook(tenant, provider_number)),
    )


def credential_name(tenant: Tenant, number: str) -> str:
    """A free name for the credential of one number.

    The name of a credential that was made for this number before counts as free: the new one supersedes it.
    """
    old = tenant.connection(number)
    superseded = old.credential_id if old and old.owns_credential else None
    taken = {credential.name for credential in tenant.credentials if credential.id != superseded}
    first = f"number …{number[-4:]}"
    return next(name for n in count(1) if (name := first if n == 1 else f"{first} ({n})") not in taken)


def _service_in_use(tenant: Tenant, provider_number: ProviderNumber) -> str:
    """The SID of the number's service, if it leaves texts to its numbers because one of them was connected."""
    sid = provider_number.service.sid if provider_number.service else ""
    return sid if any(sid and connection.service == sid for connection in tenant.connections) else ""


def _former_webhooks(provider_number: ProviderNumber) -> Webhooks:
    """The webhooks from before, except those with an API key of this or another tenant: keys are stored nowhere."""
    webhooks = provider_number.webhooks
    return replace(
        webhooks,
        url="" if webhook_url.tenant_in(webhooks.url) else webhooks.url,
        fallback_url="" if webhook_url.tenant_in(webhooks.fallback_url) else webhooks.fallback_url,
    )


def _is_owned(tenant: Tenant, old: Connection | None, key: Key) -> bool:
    """Whether the key was made for this number before, or replaces or is replaced by such a key in a rotation."""
    if old is None or not old.owns_credential:
        return False
    former = tenant.credential(old.credential_id)
    return old.credential_id in {key.credential.id, key.credential.replaces} or bool(
        former and former.replaces == key.credential.id
    )


def _superseded(tenant: Tenant, provider_number: ProviderNumber, old: Connection | None, key: Key) -> Credential | None:
    """The credential that was made for this number before, if the number's webhooks no longer have its key.

    Nobody else has that key.
    """
    if old is None or not old.owns_credential or _is_owned(tenant, old, key):
        return None
    urls = (provider_number.webhooks.url, provider_number.webhooks.fallback_url)
    in_use = [webhook_url.working_credential(url, tenant) for url in urls]
    former = tenant.credential(old.credential_id)
    return None if former in in_use else former


def _unneeded_credential(tenant: Tenant, old: Connection | None, key: Key, superseded: Credential | None) -> list[str]:
    """A sentence about the credential that was made for this number before, if it stays without being needed."""
    former = tenant.credential(old.credential_id) if old and old.owns_credential else None
    if former is None or former == superseded or _is_owned(tenant, old, key):
        return []
    return [f"no webhook of this number will need credential {former.name!r}; see: sms credential revoke"]


def _unrestorable_webhook(tenant: Tenant, provider_number: ProviderNumber) -> list[str]:
    """A sentence about the webhook of another tenant, whose key is stored nowhere."""
    other = webhook_url.tenant_in(provider_number.webhooks.url)
    if other in {None, tenant.id}:
        return []
    return [
        f"the current webhook is that of tenant {other!r}, whose key is stored nowhere: disconnecting cannot restore it"
    ]


def _agent_name_at(tenant: Tenant, number: str) -> str:
    agent = tenant.agent_at(number)
    return agent.name if agent else webhook_url.NONE


def _without_credential(superseded: Credential | None) -> Edit:
    return lambda tenant: replace(
        tenant, credentials=tuple(credential for credential in tenant.credentials if credential != superseded)
    )


def _with_connection(connection: Connection) -> Edit:
    def edit(tenant: Tenant) -> Tenant:
        old = tenant.connection(connection.number)
        if old is None:
            return replace(tenant, connections=(*tenant.connections, connection))
        return replace(tenant, connections=replaced(tenant.connections, connection, instead_of=old))

    return edit


def _unchanged(tenant: Tenant) -> Tenant:
    return tenant
