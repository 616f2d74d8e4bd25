"""How many messages programs may send in a period: with one API key, and with all of a tenant."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.errors import RateLimited, TooManyMessages

if TYPE_CHECKING:
    from shared.ports import SendLimits
    from shared.submission.origins import Talk


@dataclass(frozen=True)
class SendRate:
    """How many messages programs may send in a period.

    Attributes:
        most_of_key: with one API key.
        most_of_tenant: with all API keys of a tenant.
        per: the period.
    """

    most_of_key: int
    most_of_tenant: int
    per: timedelta

    @property
    def most_at_once(self) -> int:
        """How many messages one request may be."""
        return min(self.most_of_key, self.most_of_tenant)


@dataclass(frozen=True)
class Admission:
    """Counts what programs send, and lets in what the rate allows.

    Args:
        limits: counts the messages of each key and tenant.
        rate: how many there may be.
        now: returns the current time, with a time zone.
    """

    limits: SendLimits
    rate: SendRate
    now: Callable[[], datetime]

    def admit(self, talk: Talk, messages: int) -> None:
        """Counts the messages of a request.

        Raises RateLimited, or TooManyMessages when they are more than a whole period has room for; Unavailable.
        """
        now, per = self.now(), self.rate.per
        if messages > self.rate.most_at_once:
            raise TooManyMessages(messages, self.rate.most_at_once)
        begin = now - timedelta(seconds=now.timestamp() % per.total_seconds())
        is_admitted = self.limits.admit(
            talk.tenant.id,
            talk.credential_id,
            messages,
            most_of_key=self.rate.most_of_key,
            most_of_tenant=self.rate.most_of_tenant,
            begin=begin,
            per=per,
        )
        if not is_admitted:
            raise RateLimited(math.ceil((begin + per - now).total_seconds()))
