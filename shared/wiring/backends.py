"""Backends for whoever forwards: opened for the settings of an agent, with clients for the regions that they name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING

from botocore.config import Config

from shared.aws.agent_queue import AgentQueue
from shared.aws.lex import LexBot
from shared.backends import BackendDependencies, open_backend
from shared.errors import Configuration
from shared.tenants.agent import BackendSettings
from shared.wiring.aws import USER_AGENT, client

if TYPE_CHECKING:
    from mypy_boto3_lexv2_runtime import LexRuntimeV2Client
    from mypy_boto3_sqs import SQSClient

    from shared.ports import Backend

ADDRESSES = ("public", "local")
_CONNECT_SHARE = 0.2  # of a bot's time; the rest is for its answer


def opener(addresses: str) -> Callable[[BackendSettings], Backend]:
    """What opens backends. `addresses` is the setting BACKEND_ADDRESSES: `public`, or `local` for development.

    Raises Configuration, now for another word, and later for settings that no backend can be made of.
    """
    if addresses not in ADDRESSES:
        message = f"BACKEND_ADDRESSES must be one of {', '.join(ADDRESSES)}"
        raise Configuration(message)
    dependencies = BackendDependencies(
        local=addresses == "local", queue=_queue, bot=_bot, now=partial(datetime.now, UTC)
    )
    return lambda settings: open_backend(settings, dependencies)


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


@lru_cache(maxsize=16)
def _lex(region: str, timeout_seconds: float) -> LexRuntimeV2Client:
    """Asks once: whoever forwards tries again, after a while."""
    connecting = timeout_seconds * _CONNECT_SHARE
    config = Config(
        user_agent=USER_AGENT,
        connect_timeout=connecting,
        read_timeout=timeout_seconds - connecting,
        retries={"mode": "standard", "total_max_attempts": 1},
    )
    bots: LexRuntimeV2Client = client("lexv2-runtime", region, config)
    return bots
