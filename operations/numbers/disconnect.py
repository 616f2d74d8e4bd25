"""Disconnecting a number: its former webhooks back, where nobody else changed them, and its own key revoked.

Pure, like `operations/numbers/connect.py`. Here the provider is changed first: a key is revoked when it stands nowhere
any more.
"""

from dataclasses import replace

from operations.numbers import webhook_url
from operations.numbers.connect import Plan
from operations.numbers.drift import Change
from operations.numbers.provider_number import ProviderNumber
from operations.tenants.edits import Edit, exchanged, found
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.tenant import Credential, Tenant


def disconnect(tenant: Tenant, number: str, present: ProviderNumber | None, *, force: bool) -> Plan:
    """The plan for a number.

    Args:
        tenant: the tenant as it is.
        number: E.164.
        present: the number as the provider has it; None when the account does not have it any more.
        force: whether to put the former webhooks back also over what somebody else set.

    Raises NotFound when it was not connected.
    """
    connection = found(
        tenant.connection(number),
        "this number was not connected with this command, so nothing is known to put back; see: sms number check",
    )
    own = _own_credential(tenant, connection)
    changes = [Change("connection", "remembered", "forgotten")]
    changes += [Change(f"credential {own.name!r}", "works", "revoked")] if own else []
    edit = _forgetting(connection, own)
    if present is None:
        gone = f"account {connection.account} does not have the number any more, so nothing is put back there"
        return Plan(tuple(changes), connection.former, edit, keeps=(gone,))
    wanted, kept = _restored(tenant, connection, present, force=force)
    service = _service(tenant, connection, present) if not kept else ""
    return Plan((*_told(present, wanted, service), *changes), wanted, edit, service, keeps=kept)


def _restored(
    tenant: Tenant, connection: Connection, present: ProviderNumber, *, force: bool
) -> tuple[Webhooks, tuple[str, ...]]:
    """What the webhooks become, and what is said of those that are left as they are: what is not ours any more."""
    has, former = present.webhooks, connection.former
    if force or has == former:
        return former, ()
    keeps_url = not webhook_url.is_ours(has.url, tenant.id)
    keeps_fallback = not webhook_url.is_ours(has.fallback_url, tenant.id) and (keeps_url or bool(has.fallback_url))
    wanted = Webhooks(
        url=has.url if keeps_url else former.url,
        method=has.method if keeps_url else former.method,
        fallback_url=has.fallback_url if keeps_fallback else former.fallback_url,
        fallback_method=has.fallback_method if keeps_fallback else former.fallback_method,
        application=has.application if keeps_url or has.application else former.application,
    )
    left = (
        "somebody changed who gets this number's texts, so that is left as it is; with --force the former webhooks are "
        "put back all the same"
    )
    return wanted, (left,) if keeps_url else ()


def _service(tenant: Tenant, connection: Connection, present: ProviderNumber) -> str:
    """The Messaging Service that takes its numbers' texts again; none while another connected number needs it."""
    service = present.service
    others = [one for one in tenant.connections if one != connection and one.service == connection.service]
    is_ours = service is not None and service.sid == connection.service and service.on_number
    return connection.service if is_ours and not others else ""


def _own_credential(tenant: Tenant, connection: Connection) -> Credential | None:
    others = {one.credential_id for one in tenant.connections if one != connection}
    if not connection.owns_credential or connection.credential_id in others:
        return None
    return tenant.credential(connection.credential_id)


def _told(present: ProviderNumber, wanted: Webhooks, service: str) -> list[Change]:
    has, told = present.webhooks, webhook_url.told_of
    pairs = [
        ("webhook", told(has.url), told(wanted.url), has.url == wanted.url),
        ("method", has.method, wanted.method, has.method == wanted.method),
        (
            "fallback webhook",
            told(has.fallback_url),
            told(wanted.fallback_url),
            has.fallback_url == wanted.fallback_url,
        ),
        ("fallback method", has.fallback_method, wanted.fallback_method, has.fallback_method == wanted.fallback_method),
        (
            "TwiML application",
            has.application or webhook_url.NONE,
            wanted.application or webhook_url.NONE,
            has.application == wanted.application,
        ),
        ("Messaging Service", f"{service} leaves texts to its numbers", "takes the texts", not service),
    ]
    return [Change(what, is_now, will_be) for what, is_now, will_be, same in pairs if not same]


def _forgetting(connection: Connection, own: Credential | None) -> Edit:
    def edit(tenant: Tenant) -> Tenant:
        present = found(tenant.connection(connection.number), "this number is not connected any more")
        return replace(
            tenant,
            credentials=tuple(one for one in tenant.credentials if one != own),
            connections=exchanged(tenant.connections, instead_of=present),
        )

    return edit
