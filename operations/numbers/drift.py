"""What a number's webhooks are at the provider, and what they should be: the differences, in words for an operator."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from operations.numbers import webhook_url
from operations.numbers.provider_number import MessagingService, ProviderNumber
from shared.tenants.connection import Webhooks
from shared.tenants.tenant import Credential, Tenant

TAKE_OVER = "--take-over"
_A_GOOD_KEY = "a key that works"


@dataclass(frozen=True)
class Change:
    """One thing as it is and as it will or should be, in words for an operator: no key in them."""

    what: str
    present: str
    wanted: str


@dataclass(frozen=True)
class Key:
    """An API key to put into webhooks; `is_new` when its credential is still to be added to the tenant."""

    credential: Credential
    text: str = field(repr=False)
    is_new: bool = False


def numbers_of(tenant: Tenant) -> list[str]:
    """The numbers that agents have, and those that were connected."""
    held = [number for agent in tenant.agents for number in agent.numbers]
    return list(dict.fromkeys([*held, *(connection.number for connection in tenant.connections)]))


def drift(tenant: Tenant, number: str, found: ProviderNumber | None, bases: Mapping[str, str]) -> tuple[Change, ...]:
    """What keeps a number's texts from their agent, or will: nothing when all is as it should be."""
    agent = tenant.agent_at(number)
    if agent is None:
        return (Change("agent", webhook_url.NONE, "one that gets its texts"),)
    if found is None:
        return (Change("number", "in no account of this tenant", "in one of them"),)
    if agent.stage not in bases:
        return (Change(f"stage {agent.stage}", "not deployed", "deployed"),)
    key = present_key(tenant, found)
    ideal = ideal_webhooks(tenant, found, agent.stage, bases, key.text if key else "", keep=True)
    return tuple(differences(tenant, found, ideal, _A_GOOD_KEY))


def differences(tenant: Tenant, found: ProviderNumber, ideal: Webhooks, key: str) -> list[Change]:
    """What the provider has otherwise. The key is told of in words, for the URLs are shown without it."""
    has = found.webhooks
    service = capturing_service(tenant, found, ideal)
    pairs = [
        ("webhook", webhook_url.told_of(has.url), webhook_url.told_of(ideal.url), _same_place(has.url, ideal.url)),
        ("method", has.method, ideal.method, has.method == ideal.method),
        ("API key", webhook_url.told_of_key(has.url, tenant), key, _same_key(has.url, ideal.url)),
        (
            "fallback webhook",
            webhook_url.told_of(has.fallback_url),
            webhook_url.told_of(ideal.fallback_url),
            _same_place(has.fallback_url, ideal.fallback_url),
        ),
        ("fallback method", has.fallback_method, ideal.fallback_method, has.fallback_method == ideal.fallback_method),
        (
            "fallback's API key",
            webhook_url.told_of_key(has.fallback_url, tenant),
            key,
            _same_key(has.fallback_url, ideal.fallback_url) or not _same_place(has.fallback_url, ideal.fallback_url),
        ),
        ("TwiML application", f"{has.application} takes the texts", webhook_url.NONE, not has.application),
        (
            "Messaging Service",
            f"{service.sid} takes the texts" if service else "",
            "leaves them to its numbers" + (f", {service.others} others too" if service and service.others else ""),
            service is None,
        ),
    ]
    return [Change(what, present, wanted) for what, present, wanted, same in pairs if not same]


def ideal_webhooks(  # noqa: PLR0913 -- who, where and with which key
    tenant: Tenant, found: ProviderNumber, region: str, bases: Mapping[str, str], key: str, *, keep: bool
) -> Webhooks:
    """What the webhooks should be.

    Without a second stage, a fallback of the operator's own stays. With `keep`, so does a key that works in ours, where
    it may be another one.
    """
    url, fallback_url = webhook_url.urls(bases, region, key)
    has = found.webhooks
    if not fallback_url and not webhook_url.is_ours(has.fallback_url, tenant.id):
        return Webhooks(url=url, fallback_url=has.fallback_url, fallback_method=has.fallback_method)
    if (
        keep
        and _same_place(has.fallback_url, fallback_url)
        and webhook_url.working_credential(has.fallback_url, tenant)
    ):
        fallback_url = has.fallback_url
    return Webhooks(url=url, fallback_url=fallback_url)


def present_key(tenant: Tenant, found: ProviderNumber) -> Key | None:
    """The key that stands in the number's webhooks, if it works."""
    for url in (found.webhooks.url, found.webhooks.fallback_url):
        credential = webhook_url.working_credential(url, tenant)
        text = webhook_url.key_in(url)
        if credential and text:
            return Key(credential, text)
    return None


def capturing_service(tenant: Tenant, found: ProviderNumber, ideal: Webhooks) -> MessagingService | None:
    """The Messaging Service that takes the texts elsewhere, if one does; its own webhook may well be ours."""
    service = found.service
    if service is None or service.on_number:
        return None
    is_ours = _same_place(service.url, ideal.url) and webhook_url.working_credential(service.url, tenant)
    return None if is_ours else service


def obstacles(found: ProviderNumber, service: MessagingService | None) -> list[str]:
    """What takes the texts past the number's own webhooks, each with its cure."""
    said = []
    if found.webhooks.application:
        said.append(
            f"TwiML application {found.webhooks.application} takes this number's texts, whatever its webhooks are: "
            f"take it away with {TAKE_OVER}, or in Twilio's console"
        )
    if service:
        too = f", which concerns {service.others} more numbers" if service.others else ""
        said.append(
            f"Messaging Service {service.sid} {'takes' if service.url else 'drops'} this number's texts: let it leave "
            f"them to its numbers' own webhooks with {TAKE_OVER}{too}, or take the number out of it in Twilio's console"
        )
    return said


def _same_place(one: str, other: str) -> bool:
    return webhook_url.without_userinfo(one) == webhook_url.without_userinfo(other)


def _same_key(one: str, other: str) -> bool:
    return webhook_url.key_in(one) == webhook_url.key_in(other)
