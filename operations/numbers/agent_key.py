"""The API key for the numbers of an agent: they all have the same one.

A key is stored nowhere. It is read back from the webhook of a number that was connected with it. When no webhook has it
any more it is lost, and the agent gets a new one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count

from operations.numbers import webhook_url
from operations.numbers.drift import Key
from operations.numbers.provider_number import ProviderNumber
from operations.operator import Operator
from operations.ports import ProviderNumbers
from operations.tenants.managed_tenant import ManagedTenant
from shared.tenants import api_keys
from shared.tenants.agent import Agent
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.tenant import CREDENTIAL_NAME_MAX, Credential, Role

_LOOKS_MAX = 100  # requests for a key that somebody may have removed from all of an agent's numbers


def agent_credentials(tenant: ManagedTenant, agent: Agent) -> list[Credential]:
    """The credentials whose keys only this agent's numbers have, the newest first."""
    return [each for each in reversed(tenant.credentials) if each.agent_id == agent.id]


def read_back(operator: Operator, tenant: ManagedTenant, agent: Agent, seen: Iterable[ProviderNumber]) -> Key | None:
    """The key of the agent's newest credential that a webhook has; None when it has none or its keys are lost.

    Args:
        operator: who asks.
        tenant: the tenant as it is.
        agent: whose key it is.
        seen: numbers that were read already, to look at first.

    Raises Unavailable, UpstreamRefused, Configuration.
    """
    credentials = agent_credentials(tenant, agent)
    for credential in credentials:
        webhooks = (number.webhooks for number in seen)
        if key := key_of(credential, tenant, webhooks):
            return key
    for credential in credentials:
        page = operator.target.numbers_directory.connections(tenant.id, credential_id=credential.id, limit=_LOOKS_MAX)
        if key := key_of(credential, tenant, _webhooks(operator, tenant, page.items)):
            return key
    return None


def key_of(credential: Credential, tenant: ManagedTenant, webhooks: Iterable[Webhooks]) -> Key | None:
    """The credential with its key, from the first webhook or fallback that has it; None when none has it."""
    for url in (url for each in webhooks for url in (each.url, each.fallback_url)):
        text = webhook_url.key_in(url)
        if text and webhook_url.working_credential(url, tenant) == credential:
            return Key(credential, text)
    return None


def issue_key(tenant: ManagedTenant, agent: Agent, now: datetime) -> Key:
    """A new credential for the agent's numbers, with its key; it is not stored yet."""
    taken = {credential.name for credential in tenant.credentials}
    marks = ("" if n == 1 else f" ({n})" for n in count(1))
    full_name = f"agent {agent.name}"
    names = (full_name[: CREDENTIAL_NAME_MAX - len(mark)].rstrip() + mark for mark in marks)
    name = next(name for name in names if name not in taken)
    credential, text = api_keys.issue(tenant.id, name, Role.WRITER, now)
    return Key(replace(credential, agent_id=agent.id), text, is_new=True)


def _webhooks(operator: Operator, tenant: ManagedTenant, connections: Iterable[Connection]) -> Iterator[Webhooks]:
    """What the provider has for connected numbers; without those that are not there any more."""
    providers: Mapping[str, ProviderNumbers] = operator.world.numbers(operator.target.twilio_url)
    for connection in connections:
        account = tenant.account(connection.account)
        provider = providers.get(account.provider) if account else None
        if account and provider and (webhooks := provider.webhooks(account, connection.number_sid)):
            yield webhooks
