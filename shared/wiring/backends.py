"""Opening backends and targets of journals from agents' settings, with clients for the AWS regions in their ARNs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING

from botocore.config import Config

from shared.aws.agent_queue import AgentQueue
from shared.aws.lex import LexBot
from shared.aws.topic import SnsClient, Topic
from shared.backends import BackendDependencies, open_backend
from shared.errors import Configuration
from shared.tenants.agent import BackendSettings
from shared.wiring.aws import USER_AGENT, client

if TYPE_CHECKING:
    from mypy_boto3_lexv2_runtime import LexRuntimeV2Client
    from mypy_boto3_sqs import SQSClient

    from shared.ports import Backend, BackendStates

ADDRESSES = ("public", "local")
_CONNECT_SHARE = 0.2  # of a bot's time-out; the rest is for its answer


def opener(addresses: str, states: BackendStates) -> Callable[[BackendSettings], Backend]:
    """The function that opens a backend for its settings, and raises Configuration when they are invalid.

    Args:
        addresses: the setting BACKEND_ADDRESSES: `public`, or `local` for development.
        states: keeps what a backend needs of a session.

    Raises Configuration for another word.
    """
    if addresses not in ADDRESSES:
        message = f"BACKEND_ADDRESSES must be one of {', '.join(ADDRESSES)}"
        raise Configuration(message)
    dependencies = BackendDependencies(
        local=addresses == "local", queue=_queue, bot=_bot, states=states, now=partial(datetime.now, UTC)
    )
    return lambda settings: open_backend(settings, dependencies)


def journal_target(arn: str) -> AgentQueue | Topic:
    """The queue or the topic with this ARN, for an agent's journal."""
    return Topic(_sns(_region(arn)), arn) if arn.split(":")[2] == "sns" else _queue(arn)


def _queue(arn: str) -> AgentQueue:
    return AgentQueue(_sqs(_region(arn)), arn)


def _bot(settings: BackendSettings) -> LexBot:
    return LexBot(_lex(_region(settings.target), settings.timeout_seconds), settings.target, settings.locale)


def _region(arn: str) -> str:
    return arn.split(":")[3]


@cache
def _sqs(region: str) -> SQSClient:
    sqs: SQSClient = client("sqs", region)
    return sqs


@cache
def _sns(region: str) -> SnsClient:
    sns: SnsClient = client("sns", region)
    return sns


@lru_cache(maxsize=16)
def _lex(region: str, timeout_seconds: float) -> LexRuntimeV2Client:
    """A client without retries, because the forwarder has its own."""
    connect_timeout = timeout_seconds * _CONNECT_SHARE
    config = Config(
        user_agent=USER_AGENT,
        connect_timeout=connect_timeout,
        read_timeout=timeout_seconds - connect_timeout,
        retries={"mode": "standard", "total_max_attempts": 1},
    )
    bots: LexRuntimeV2Client = client("lexv2-runtime", region, config)
    return bots
