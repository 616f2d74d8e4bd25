"""The contestants: each one's zip, command, environment and events."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from bench import building, proving, webhook_events
from bench.building import CONTESTANTS, Built, Ours
from bench.webhook_events import SECRET_ID, Event, LocalServices
from tests.integration.lambda_runtime import Packaged, python
from tests.integration.packages import Package

BASE_URL = "https://sms-east.example.com"
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/inbound.fifo"
EMPTY, HANDMADE, OURS, LARGE = "empty", "handmade", "ours", "large"
AUTHORIZER, STATUSES, FORWARDER, SENDER = "authorizer", "statuses", "forwarder", "sender"
STATE_TABLE, CLAIMS_TABLE = "state", "claims"
TUTORIAL, FETCHING, NODE_EMPTY, NODE = "tutorial", "tutorial_fetching", "node_empty", "node_express_bundled"
TITLES = {
    EMPTY: "floor: empty",
    HANDMADE: "floor: hand-made",
    OURS: "**ours**",
    TUTORIAL: "tutorial (Flask, serverless-wsgi, boto3), secret cached",
    FETCHING: "tutorial, secret fetched each time",
    "powertools_resolver": "Powertools resolver",
    "mangum_starlette": "Mangum + Starlette",
    NODE_EMPTY: "floor: empty, in Node",
    "node_express": "Node: express",
    NODE: "Node: express, bundled",
    LARGE: "ours: a tenant with 100 keys and 150 agents",
    AUTHORIZER: "ours: authorizer",
    STATUSES: "ours: statuses, told to a backend",
    FORWARDER: "ours: forwarder",
    SENDER: "ours: sender",
}
"""The contestants' names on the page."""

_AWS = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_CONTRACT = {**_AWS, "QUEUE_URL": QUEUE_URL, "SECRET_ID": SECRET_ID, "SECRET_CACHED": "yes"}

MakeEvent = Callable[[int], Event]


@dataclass(frozen=True)
class Scenario:
    """Events that are sent again and again.

    Args:
        make_event: makes the event with a number.
        messages: how many texts are in each event.
        runs: how many events the shorter and the longer run have. Only their difference counts, without work that is
            done once.
    """

    make_event: MakeEvent
    messages: int = 1
    runs: tuple[int, int] = (10, 90)


Proof = Callable[[Packaged, LocalServices], None]
"""Raises BrokenContractError unless the function does its work."""

WARM, REFUSED, BATCH = "warm", "refused", "batch"
WEBHOOKS = {WARM: Scenario(webhook_events.genuine), REFUSED: Scenario(webhook_events.forged)}


@dataclass(frozen=True)
class Contestant:
    """A function that takes part.

    Args:
        usual: the zip that its users would deploy.
        compiled: the same zip with valid bytecode.
        command: runs it.
        environment: its variables, besides the Lambda runtime's and those of its local services.
        scenarios: by the names of their figures.
        proof: proves that it does its work.
        services: opens its local services.
    """

    usual: Built
    compiled: Built
    command: list[str]
    environment: Mapping[str, str]
    scenarios: Mapping[str, Scenario]
    proof: Proof
    services: Callable[[], AbstractContextManager[LocalServices]] = webhook_events.local_services


def peer(name: str) -> Contestant:
    """Build a floor or a peer. Raises NotBuiltError."""
    return _node(name) if name.startswith("node") else _python(name)


def receiver(ours: Ours) -> Contestant:
    """Our receiver."""
    return function("receiver", ours, scenarios=WEBHOOKS, proof=proving.answers_webhooks)


def receiver_of_large_tenant(ours: Ours) -> Contestant:
    """Our receiver, with a tenant that has 100 keys and 150 agents."""
    services = partial(webhook_events.local_services, webhook_events.MANY_AGENTS, webhook_events.MANY_KEYS)
    scenarios = {WARM: WEBHOOKS[WARM]}
    return function("receiver", ours, scenarios=scenarios, proof=proving.answers_webhooks, services=services)


def authorizer(ours: Ours) -> Contestant:
    """Our authorizer."""
    # A run is so cheap that the count of a few would not be repeatable.
    scenarios = {WARM: Scenario(webhook_events.authorizer_event_of, runs=(10, 410))}
    return function("authorizer", ours, scenarios=scenarios, proof=proving.knows_keys)


def function(
    name: str,
    ours: Ours,
    *,
    scenarios: Mapping[str, Scenario],
    proof: Proof,
    services: Callable[[], AbstractContextManager[LocalServices]] = webhook_events.local_services,
) -> Contestant:
    """One of our functions, as packaged."""
    command = python(f"handlers.{name}.lambda_handler")
    return Contestant(ours.built, ours.built, command, _environment(ours.package, name), scenarios, proof, services)


def _environment(package: Package, name: str) -> dict[str, str]:
    """The variables of a function of ours in the template, and those that Lambda derives from its log format.

    The tenant is cached for an hour, because under valgrind a function takes some thirty times longer.
    """
    properties = package.template["Resources"][f"{name.capitalize()}LambdaFunction"]["Properties"]
    references = {
        "InboundQueue": QUEUE_URL,
        "OutboundQueue": QUEUE_URL,
        "StateTable": STATE_TABLE,
        "ClaimsTable": CLAIMS_TABLE,
    }
    variables = {
        variable: value if isinstance(value, str) else references.get(value.get("Ref"), BASE_URL)
        for variable, value in properties["Environment"]["Variables"].items()
    }
    logging = properties["LoggingConfig"]
    log_variables = {
        "AWS_LAMBDA_LOG_FORMAT": logging["LogFormat"].upper(),
        "AWS_LAMBDA_LOG_LEVEL": logging["ApplicationLogLevel"],
    }
    return {**_AWS, **variables, **log_variables, "TENANT_CACHE_SECONDS": "3600"}


def _python(name: str) -> Contestant:
    folder = name.removesuffix("_fetching")
    environment = {**_CONTRACT, "SECRET_CACHED": "yes" if folder == name else "no"}
    command = python("handler.lambda_handler")
    return Contestant(building.slim(folder), building.compiled(folder), command, environment, WEBHOOKS, _proof(name))


def _node(name: str) -> Contestant:
    built = building.node(name)
    command = [shutil.which("node") or "node", str(CONTESTANTS / "runtime.mjs")]
    return Contestant(built, built, command, {**_CONTRACT, "_HANDLER": "index.handler"}, WEBHOOKS, _proof(name))


def _proof(name: str) -> Proof:
    return proving.no_proof if name in {EMPTY, NODE_EMPTY} else proving.answers_webhooks
