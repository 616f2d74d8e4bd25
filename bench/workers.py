"""The Lambdas on queues: DynamoDB is a local AWS, everything else on loopback answers at once.

Each text is another person's, who therefore begins a session and is not held up for writing too much.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import proving, texts
from bench.building import Ours
from bench.roster import BATCH, FORWARDER, SENDER, WARM, Contestant, Scenario, function
from bench.texts import WRITER, Event, World
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from tests.fakes import OUR_NUMBER, tenant
from tests.forwarding_fakes import text
from tests.integration import local_aws, twilio_stub
from tests.integration.events import delivered
from tests.integration.lambda_runtime import Packaged
from tests.unit.messages.outbound_events import outbound

TEN = 10

_ECHOED = Agent("desk", AgentKind.SMS, "east", (OUR_NUMBER,), BackendSettings("echo"))
_ENOUGH = 1000
_PROVED = 10**6  # larger than the number of any event that is measured

Made = Callable[[int], dict[str, Any]]


def forwarder(ours: Ours) -> Contestant:
    """Our forwarder, with an agent that is an echo."""
    return _worker(FORWARDER, ours, _received)


def sender(ours: Ours) -> Contestant:
    """Our sender, with a Twilio that takes everything."""
    return _worker(SENDER, ours, _replied)


def _worker(name: str, ours: Ours, made: Made) -> Contestant:
    one, ten = partial(_delivery, made, 1), partial(_delivery, made, TEN)
    return function(
        name,
        ours,
        scenarios={WARM: Scenario(one, runs=(10, 50)), BATCH: Scenario(ten, messages=TEN, runs=(2, 6))},
        proof=partial(_prove, one, ten),
        world=_world,
    )


def _prove(one: Callable[[int], Event], ten: Callable[[int], Event], function: Packaged, world: World) -> None:
    proving.empties_queues(function, world, {1: one(_PROVED), TEN: ten(_PROVED + 1)})


def _delivery(made: Made, messages: int, number: int) -> Event:
    """What Lambda gets from SQS; no two are the same."""
    return delivered(*(json.dumps(made(one)) for one in range(number * messages, (number + 1) * messages)))


def _received(number: int) -> dict[str, Any]:
    return text(message_id=f"SM{number:032x}", From=f"+1{2_125_550_000 + number}")


def _replied(number: int) -> dict[str, Any]:
    return outbound(f"SM{number:032x}", to=f"+1{2_125_550_000 + number}")


@contextmanager
def _world() -> Iterator[World]:
    with (
        TemporaryDirectory(prefix="bench-") as scratch,
        local_aws.running(Path(scratch)) as dynamodb,
        local_aws.client(dynamodb) as client,
        texts.world(tenant(WRITER, agents=(_ECHOED,))) as world,
        twilio_stub.running() as twilio,
    ):
        local_aws.make_state_table(client, "state")
        local_aws.make_claims_table(client, "claims")
        twilio.answers = [(201, {"sid": f"SM{number:032x}", "status": "queued"}) for number in range(_ENOUGH)]
        elsewhere = {"AWS_ENDPOINT_URL_DYNAMODB": dynamodb, "TWILIO_URL": twilio.url}
        yield World(world.aws, {**world.environment, **elsewhere}, lambda: len(world.aws.queued) + len(twilio.asked))
