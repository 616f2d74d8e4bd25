"""The Lambdas that read queues: DynamoDB is a local AWS, everything else on loopback answers at once.

Each text is from another person, so that it begins a session and no rate limit delays it.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from bench import proving, tables, webhook_events
from bench.building import Ours
from bench.roster import BATCH, FORWARDER, SENDER, WARM, Contestant, Scenario, function
from bench.webhook_events import Event, LocalServices
from shared.tenants.agent import BackendSettings
from tests.fakes import DESK
from tests.forwarding_fakes import text
from tests.integration import twilio_stub
from tests.integration.events import delivered
from tests.integration.lambda_runtime import Packaged
from tests.unit.messages.outbound_events import outbound

TEN = 10

_ECHOED = replace(DESK, backend=BackendSettings("echo"))
_ANSWERS = 1000
_PROOF_NUMBER = 10**6  # larger than the number of any event that is measured

MakeMessage = Callable[[int], dict[str, Any]]


def forwarder(ours: Ours) -> Contestant:
    """Our forwarder, with an agent whose backend is the echo."""
    return _worker(FORWARDER, ours, _received)


def sender(ours: Ours) -> Contestant:
    """Our sender, with a Twilio that accepts everything."""
    return _worker(SENDER, ours, _replied)


def _worker(name: str, ours: Ours, make_message: MakeMessage) -> Contestant:
    single, ten = partial(_delivery, make_message, 1), partial(_delivery, make_message, TEN)
    return function(
        name,
        ours,
        scenarios={WARM: Scenario(single, runs=(10, 50)), BATCH: Scenario(ten, messages=TEN, runs=(2, 6))},
        proof=partial(_prove, single, ten),
        services=_services,
    )


def _prove(
    single: Callable[[int], Event], ten: Callable[[int], Event], function: Packaged, services: LocalServices
) -> None:
    proving.empties_queues(function, services, {1: single(_PROOF_NUMBER), TEN: ten(_PROOF_NUMBER + 1)})


def _delivery(make_message: MakeMessage, messages: int, number: int) -> Event:
    """The event with messages from SQS; each number makes other messages."""
    event: Event = delivered(
        *(json.dumps(make_message(index)) for index in range(number * messages, (number + 1) * messages))
    )
    return event


def _received(number: int) -> dict[str, Any]:
    return text(message_id=f"SM{number:032x}", From=f"+1{2_125_550_000 + number}")


def _replied(number: int) -> dict[str, Any]:
    return outbound(f"SM{number:032x}", to=f"+1{2_125_550_000 + number}")


@contextmanager
def _services() -> Iterator[LocalServices]:
    with (
        tables.running(_ECHOED) as dynamodb,
        webhook_events.local_services((_ECHOED,)) as services,
        twilio_stub.running() as twilio,
    ):
        twilio.answers = [(201, {"sid": f"SM{number:032x}", "status": "queued"}) for number in range(_ANSWERS)]
        addresses = {**dynamodb.environment, "TWILIO_URL": twilio.url}
        yield LocalServices(
            services.aws, {**services.environment, **addresses}, lambda: len(services.aws.queued) + len(twilio.asked)
        )
