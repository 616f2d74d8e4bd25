"""The differences between a number's webhooks at the provider and what they should be, in words for an operator."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from operations.numbers import webhook_url
from operations.numbers.provider_number import MessagingService, ProviderNumber
from shared.tenants.agent import Agent
from shared.tenants.connection import Webhooks
from shared.tenants.tenant import Credential, Tenant

TAKE_OVER = "--take-over"


@dataclass(frozen=True)
class Difference:
    """What something is now, and what it will or should be, in words for an operator. It contains no key."""

    what: str
    current: str
    desired: str

    @property
    def is_minor(self) -> bool:
        """Whether texts come all the same, as long as all goes well: a fallback, or how Twilio tries again."""
        is_fragment = self.current.partition("#")[0] == self.desired.partition("#")[0]
        return self.what.startswith("fallback") or (self.what == "webhook" and is_fragment)


@dataclass(frozen=True)
class Key:
    """An API key to put into webhooks; `is_new` while its credential is not yet added to the tenant."""

    credential: Credential
    text: str = field(repr=False)
    is_new: bool = False


def drift(
    tenant: Tenant, agent: Agent | None, provider_number: ProviderNumber | None, bases: Mapping[str, str]
) -> tuple[Difference, ...]:
    """What keeps a number's texts from their agent, now or later; empty when everything is as it should be.

    Args:
        tenant: the tenant as it is.
        agent: the tenant's agent that has the number; None when none has it.
        provider_number: the number as the provider has it; None when no account of the tenant has it.
        bases: the URL that each deployed stage's webhooks begin with.
    """
    if agent and provider_number is None:
        return (Difference("number", "in no account of this tenant", "in one of them"),)
    if agent is None or provider_number is None or agent.stage not in bases:
        return drift_here(agent, bases)
    key = kept_key(tenant, provider_number, agent)
    ideal = ideal_webhooks(tenant, provider_number, agent, bases, key.text if key else "", keep=True)
    is_another_agents = key is None and current_key(tenant, provider_number) is not None
    good_key = "the key of its own agent's numbers" if is_another_agents else "a key that works"
    return tuple(differences(tenant, provider_number, ideal, good_key))


def drift_here(agent: Agent | None, bases: Mapping[str, str]) -> tuple[Difference, ...]:
    """The same, as far as it does not depend on the provider."""
    if agent is None:
        return (Difference("agent", webhook_url.NONE, "one that gets its texts"),)
    if agent.stage not in bases:
        return (Difference(f"stage {agent.stage}", "not deployed", "deployed"),)
    return ()


def differences(tenant: Tenant, provider_number: ProviderNumber, ideal: Webhooks, key: str) -> list[Difference]:
    """What is different at the provider from the ideal webhooks.

    `key` describes the API key in words, because URLs are shown without their key.
    """
    current = provider_number.webhooks
    service = capturing_service(tenant, provider_number, ideal)
    comparisons = [
        (
            "webhook",
            webhook_url.describe_url(current.url),
            webhook_url.describe_url(ideal.url),
            _same_place(current.url, ideal.url),
        ),
        ("method", current.method, ideal.method, current.method == ideal.method),
        ("API key", webhook_url.describe_key(current.url, tenant), key, _same_key(current.url, ideal.url)),
        (
            "fallback webhook",
            webhook_url.describe_url(current.fallback_url),
            webhook_url.describe_url(ideal.fallback_url),
            _same_place(current.fallback_url, ideal.fallback_url),
        ),
        (
            "fallback method",
            current.fallback_method,
            ideal.fallback_method,
            current.fallback_method == ideal.fallback_method,
        ),
        (
            "fallback's API key",
            webhook_url.describe_key(current.fallback_url, tenant),
            key,
            _same_key(current.fallback_url, ideal.fallback_url)
            or not _same_place(current.fallback_url, ideal.fallback_url),
        ),
        ("TwiML application", f"{current.application} takes the texts", webhook_url.NONE, not current.application),
        (
            "Messaging Service",
            f"{service.sid} takes the texts" if service else "",
            "leaves them to its numbers" + (f", {service.others} others too" if service and service.others else ""),
            service is None,
        ),
    ]
    return [Difference(what, now, desired) for what, now, desired, is_same in comparisons if not is_same]


def ideal_webhooks(  # noqa: PLR0913 -- who, where and with which key
    tenant: Tenant, provider_number: ProviderNumber, agent: Agent, bases: Mapping[str, str], key: str, *, keep: bool
) -> Webhooks:
    """What the webhooks should be.

    Args:
        tenant: the tenant as it is.
        provider_number: the number as the provider has it.
        agent: the agent that gets its texts.
        bases: the URL that each deployed stage's webhooks begin with. Without a second stage, a fallback of the
            operator's stays.
        key: the API key.
        keep: whether a working key in our fallback stays, even if it is another key.
    """
    url, fallback_url = webhook_url.urls(bases, agent.stage, key)
    current = provider_number.webhooks
    if not fallback_url and not webhook_url.is_ours(current.fallback_url, tenant.id):
        return Webhooks(url=url, fallback_url=current.fallback_url, fallback_method=current.fallback_method)
    credential = webhook_url.working_credential(current.fallback_url, tenant)
    if keep and credential and _may_stay(credential, agent) and _same_place(current.fallback_url, fallback_url):
        fallback_url = current.fallback_url
    return Webhooks(url=url, fallback_url=fallback_url)


def current_key(tenant: Tenant, provider_number: ProviderNumber) -> Key | None:
    """The key in the number's webhooks, if it works."""
    for url in (provider_number.webhooks.url, provider_number.webhooks.fallback_url):
        credential = webhook_url.working_credential(url, tenant)
        text = webhook_url.key_in(url)
        if credential and text:
            return Key(credential, text)
    return None


def kept_key(tenant: Tenant, provider_number: ProviderNumber, agent: Agent) -> Key | None:
    """The key in the number's webhooks, if it works and may stay when the agent gets the texts: not another agent's."""
    key = current_key(tenant, provider_number)
    return key if key and _may_stay(key.credential, agent) else None


def capturing_service(tenant: Tenant, provider_number: ProviderNumber, ideal: Webhooks) -> MessagingService | None:
    """The Messaging Service that takes the texts elsewhere; None without one, or when its own webhook is ours."""
    service = provider_number.service
    if service is None or service.on_number:
        return None
    is_ours = _same_place(service.url, ideal.url) and webhook_url.working_credential(service.url, tenant)
    return None if is_ours else service


def obstacles(provider_number: ProviderNumber, service: MessagingService | None) -> list[str]:
    """What takes the texts past the number's own webhooks: sentences, each with its cure."""
    sentences = []
    application = provider_number.webhooks.application
    if application:
        sentences.append(
            f"TwiML application {application} takes this number's texts, whatever its webhooks are: "
            f"remove it with {TAKE_OVER}, or in Twilio's console"
        )
    if service:
        too = f", which concerns {service.others} more numbers" if service.others else ""
        sentences.append(
            f"Messaging Service {service.sid} {'takes' if service.url else 'drops'} this number's texts: let it leave "
            f"them to its numbers' own webhooks with {TAKE_OVER}{too}, or take the number out of it in Twilio's console"
        )
    return sentences


def _may_stay(credential: Credential, agent: Agent) -> bool:
    return credential.agent_id in {None, agent.id}


def _same_place(url: str, other_url: str) -> bool:
    return webhook_url.without_userinfo(url) == webhook_url.without_userinfo(other_url)


def _same_key(url: str, other_url: str) -> bool:
    return webhook_url.key_in(url) == webhook_url.key_in(other_url)
