"""The plan to disconnect a number: put its former webhooks back where nobody else changed them, and revoke its own key.

Pure, like `operations/numbers/connect.py`. Here the provider is changed first, because a key is revoked only when no
webhook has it any more.
"""

from dataclasses import replace

from operations.numbers import webhook_url
from operations.numbers.connect import Plan
from operations.numbers.drift import Difference
from operations.numbers.provider_number import ProviderNumber
from operations.tenants.edits import Edit, existing, replaced
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.tenant import Credential, Tenant


def disconnect(tenant: Tenant, number: str, provider_number: ProviderNumber | None, *, force: bool) -> Plan:
    """The plan to disconnect a number.

    Args:
        tenant: the tenant as it is.
        number: E.164.
        provider_number: the number as the provider has it; None when the account does not have it any more.
        force: whether the former webhooks also replace what somebody else set.

    Raises NotFound when it was not connected.
    """
    connection = existing(
        tenant.connection(number),
        "this number was not connected with this command, so nothing is known to put back; see: sms number check",
    )
    number_credential = _number_credential(tenant, connection)
    changes = [Difference("connection", "remembered", "forgotten")]
    if number_credential:
        changes.append(Difference(f"credential {number_credential.name!r}", "works", "revoked"))
    edit = _without_connection(connection, number_credential)
    if provider_number is None:
        gone = f"account {connection.account} does not have the number any more, so nothing is put back there"
        return Plan(tuple(changes), connection.former, edit, keeps=(gone,))
    webhooks, keeps = _restored(tenant, connection, provider_number, force=force)
    service = "" if keeps else _service_to_restore(tenant, connection, provider_number)
    return Plan((*_differences(provider_number, webhooks, service), *changes), webhooks, edit, service, keeps=keeps)


def _restored(
    tenant: Tenant, connection: Connection, provider_number: ProviderNumber, *, force: bool
) -> tuple[Webhooks, tuple[str, ...]]:
    """What the webhooks become, and a sentence when somebody else's webhook stays."""
    current, former = provider_number.webhooks, connection.former
    if force or current == former:
        return former, ()
    keeps_url = not webhook_url.is_ours(current.url, tenant.id)
    keeps_fallback = not webhook_url.is_ours(current.fallback_url, tenant.id) and (
        keeps_url or bool(current.fallback_url)
    )
    webhooks = Webhooks(
        url=current.url if keeps_url else former.url,
        method=current.method if keeps_url else former.method,
        fallback_url=current.fallback_url if keeps_fallback else former.fallback_url,
        fallback_method=current.fallback_method if keeps_fallback else former.fallback_method,
        application=current.application if keeps_url or current.application else former.application,
    )
    sentence = (
        "somebody changed who gets this number's texts, so that stays as it is; with --force the former webhooks are "
        "put back anyway"
    )
    return webhooks, (sentence,) if keeps_url else ()


def _service_to_restore(tenant: Tenant, connection: Connection, provider_number: ProviderNumber) -> str:
    """The SID of the Messaging Service that will take its numbers' texts again.

    Empty for none, also while another connected number needs the service as it is.
    """
    service = provider_number.service
    is_needed = any(other != connection and other.service == connection.service for other in tenant.connections)
    is_ours = service is not None and service.sid == connection.service and service.on_number
    return connection.service if is_ours and not is_needed else ""


def _number_credential(tenant: Tenant, connection: Connection) -> Credential | None:
    """The credential that was made for this number, unless another connection uses it."""
    used_elsewhere = {other.credential_id for other in tenant.connections if other != connection}
    if not connection.owns_credential or connection.credential_id in used_elsewhere:
        return None
    return tenant.credential(connection.credential_id)


def _differences(provider_number: ProviderNumber, webhooks: Webhooks, service: str) -> list[Difference]:
    current, describe = provider_number.webhooks, webhook_url.describe_url
    comparisons = [
        ("webhook", describe(current.url), describe(webhooks.url), current.url == webhooks.url),
        ("method", current.method, webhooks.method, current.method == webhooks.method),
        (
            "fallback webhook",
            describe(current.fallback_url),
            describe(webhooks.fallback_url),
            current.fallback_url == webhooks.fallback_url,
        ),
        (
            "fallback method",
            current.fallback_method,
            webhooks.fallback_method,
            current.fallback_method == webhooks.fallback_method,
        ),
        (
            "TwiML application",
            current.application or webhook_url.NONE,
            webhooks.application or webhook_url.NONE,
            current.application == webhooks.application,
        ),
        ("Messaging Service", f"{service} leaves texts to its numbers", "takes the texts", not service),
    ]
    return [Difference(what, now, desired) for what, now, desired, is_same in comparisons if not is_same]


def _without_connection(connection: Connection, number_credential: Credential | None) -> Edit:
    def edit(tenant: Tenant) -> Tenant:
        stored = existing(tenant.connection(connection.number), "this number is not connected any more")
        return replace(
            tenant,
            credentials=tuple(credential for credential in tenant.credentials if credential != number_credential),
            connections=replaced(tenant.connections, instead_of=stored),
        )

    return edit
