"""What those who answer webhooks are asked, and the loopback AWS that they ask."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.contract import ANOTHER_TOKEN, webhook
from shared.tenants.tenant import Tenant
from tests.fakes import TOKEN, credential, inbound, tenant
from tests.integration import aws_stub
from tests.integration.aws_stub import AwsStub
from tests.integration.events import authorizer_event, basic

Event = dict[str, Any]

SECRET_ID = "bench/secret"  # noqa: S105 - its name
WRITER, KEY = credential()
_, WRONG_KEY = credential()
TENANT = tenant(WRITER)


@dataclass(frozen=True)
class World:
    """What a contestant meets, where its environment says that it is, and how many texts left the function."""

    aws: AwsStub
    environment: Mapping[str, str]
    given: Callable[[], int]


@contextmanager
def world(ours: Tenant = TENANT) -> Iterator[World]:
    """An AWS that has a tenant's document for us, and the same key and token as plain JSON for the others."""
    with aws_stub.running() as stub:
        stub.keep(ours)
        stub.secrets[SECRET_ID] = json.dumps({"api_key": KEY, "auth_token": TOKEN})
        yield World(stub, {"AWS_ENDPOINT_URL": stub.url}, lambda: len(stub.queued))


def genuine(number: int) -> Event:
    """A text; no two are the same."""
    return webhook(KEY, _text(number))


def forged(number: int) -> Event:
    """One that somebody without the auth token signed."""
    return webhook(KEY, _text(number), token=ANOTHER_TOKEN)


def asked_for(number: int) -> Event:
    """What the authorizer is asked of a text."""
    return authorizer_event(basic(KEY)) | {"number": number}


def _text(number: int) -> list[tuple[str, str]]:
    return inbound(MessageSid=f"SM{number:032x}")
