"""A stand-in for the limits on what programs send."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.errors import SmsReceiverError


@dataclass
class FakeSendLimits:
    """`shared.ports.SendLimits` over counters; tests/integration/test_send_limits.py holds it to the port."""

    failing: SmsReceiverError | None = None
    counted: Counter[tuple[str, str | None, datetime]] = field(default_factory=Counter)

    def admit(  # noqa: PLR0913 - as the port has it
        self,
        tenant_id: str,
        credential_id: str,
        messages: int,
        *,
        most_of_key: int,
        most_of_tenant: int,
        begin: datetime,
        per: timedelta,
    ) -> bool:
        assert per > timedelta(0)
        if self.failing:
            raise self.failing
        of_key, of_tenant = (tenant_id, credential_id, begin), (tenant_id, None, begin)
        if self.counted[of_key] + messages > most_of_key or self.counted[of_tenant] + messages > most_of_tenant:
            return False
        self.counted.update({of_key: messages, of_tenant: messages})
        return True
