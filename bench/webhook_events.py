"""The events for contestants that answer webhooks, and the loopback AWS that they call."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from bench.contract import ANOTHER_TOKEN, webhook
from shared.tenants.agent import Agent
from shared.tenants.tenant import Credential
from tests.fakes import DESK, TOKEN, credential, inbound, managed_tenant
from tests.integration import aws_stub
from tests.integration.aws_stub import AwsStub
from tests.integration.events import authorizer_event, basic

Event = dict[str, Any]

SECRET_ID = "bench/secret"  # noqa: S105 - its name
WRITER, KEY = credential()
_, WRONG_KEY = credential()


@dataclass(frozen=True)
class LocalServices:
    """The services that a contestant calls.

    Args:
        aws: The loopback AWS.
        environment: Variables with the services' addresses.
        texts_sent: Returns how many texts the function has sent until now.
    """

    aws: AwsStub
    environment: Mapping[str, str]
    texts_sent: Callable[[], int]


MANY_AGENTS = (
    DESK,
    *(replace(DESK, id=f"Desk1{number:03}", name=f"customer desk {number:03}") for number in range(149)),
)
"""150 agents, of which the first has the number that is texted."""
MANY_KEYS = (*(credential(name=f"agent customer desk {number:03}")[0] for number in range(99)), WRITER)
"""A hundred keys, of which the last is used."""


@contextmanager
def local_services(
    agents: tuple[Agent, ...] = (DESK,), keys: tuple[Credential, ...] = (WRITER,)
) -> Iterator[LocalServices]:
    """An AWS with a tenant and its agents for us, and the same key and token as plain JSON for the peers."""
    with aws_stub.running() as stub:
        stub.keep(managed_tenant(*keys, agents=agents))
        stub.secrets[SECRET_ID] = json.dumps({"api_key": KEY, "auth_token": TOKEN})
        yield LocalServices(stub, {"AWS_ENDPOINT_URL": stub.url}, lambda: len(stub.queued))


def genuine(number: int) -> Event:
    """A genuine text; each number makes another text."""
    return webhook(KEY, _text(number))


def forged(number: int) -> Event:
    """A text that was signed with another auth token."""
    return webhook(KEY, _text(number), token=ANOTHER_TOKEN)


def authorizer_event_of(number: int) -> Event:
    """The authorizer's event for a text."""
    event: Event = authorizer_event(basic(KEY)) | {"number": number}
    return event


def _text(number: int) -> list[tuple[str, str]]:
    return inbound(MessageSid=f"SM{number:032x}")
