"""The plan to disconnect a number: put its former webhooks back where nobody else changed them.

Pure, like `operations/numbers/connect.py`. Here the provider is changed first, so that what is not finished is not
forgotten. No credential is revoked: the agent's other numbers have the same key.
"""

from operations.numbers import webhook_url
from operations.numbers.connect import Plan
from operations.numbers.drift import Difference
from operations.numbers.provider_number import ProviderNumber
from operations.numbers.state import NumberState
from operations.tenants.edits import existing
from shared.tenants.connection import Connection, Webhooks

SERVICE = "Messaging Service"
"""What a change of a Messaging Service is called in a plan."""


def disconnect(tenant_id: str, state: NumberState, *, force: bool) -> Plan:
    """The plan to disconnect a number.

    Args:
        tenant_id: the tenant that connected it.
        state: the number as it is stored and as the provider has it.
        force: whether the former webhooks also replace what somebody else set.

    Raises NotFound when it was not connected.
    """
    connection = existing(
        state.connection,
        "this number was not connected with this command, so nothing is known to put back; see: sms number check",
    )
    provider_number = state.at_provider
    changes = [Difference("connection", "remembered", "forgotten")]
    if provider_number is None:
        gone = f"account {connection.account} does not have the number any more, so nothing is put back there"
        return Plan(tuple(changes), connection.former, None, keeps=(gone,))
    webhooks, keeps = _restored(tenant_id, connection, provider_number, force=force)
    service = "" if keeps else _service_to_restore(state, connection, provider_number)
    changes = [*_differences(provider_number, webhooks, service), *changes]
    return Plan(tuple(changes), webhooks, None, service=service, keeps=keeps)


def _restored(
    tenant_id: str, connection: Connection, provider_number: ProviderNumber, *, force: bool
) -> tuple[Webhooks, tuple[str, ...]]:
    """What the webhooks become, and a sentence when somebody else's webhook stays."""
    current, former = provider_number.webhooks, connection.former
    if force or current == former:
        return former, ()
    keeps_url = not webhook_url.is_ours(current.url, tenant_id)
    keeps_fallback = not webhook_url.is_ours(current.fallback_url, tenant_id) and (
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


def _service_to_restore(state: NumberState, connection: Connection, provider_number: ProviderNumber) -> str:
    """The SID of the Messaging Service that will take its numbers' texts again.

    Empty for none, also while another connected number needs the service as it is.
    """
    service = provider_number.service
    is_ours = service is not None and service.sid == connection.service and service.on_number
    return connection.service if is_ours and not state.service_needed else ""


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
        (SERVICE, f"{service} leaves texts to its numbers", "takes the texts", not service),
    ]
    return [Difference(what, now, desired) for what, now, desired, is_same in comparisons if not is_same]
