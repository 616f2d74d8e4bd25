"""Numbers at a provider, in memory; and made-up webhooks."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from operations.numbers.drift import Key
from operations.numbers.provider_number import MessagingService, ProviderNumber
from shared.errors import SmsReceiverError, UpstreamRefused
from shared.reasons import Reason
from shared.tenants import api_keys
from shared.tenants.account import Account
from shared.tenants.agent import Agent
from shared.tenants.connection import Webhooks
from shared.tenants.tenant import Credential, Role
from tests.fakes import ACCOUNT, DESK, OUR_NUMBER

BASES = {
    "east": "https://a1.execute-api.us-east-1.amazonaws.com/east",
    "south": "https://b2.execute-api.us-east-2.amazonaws.com/south",
}
EAST = "a1.execute-api.us-east-1.amazonaws.com/east/sms.receiver/SmsRecv#ct=2000&rt=5000&tt=15000&rc=2&rp=ct,rt,5xx"
SOUTH = EAST.replace("a1", "b2").replace("us-east-1", "us-east-2").replace("/east/", "/south/")
NUMBER_SID, SERVICE, APPLICATION = "PN" + "8" * 32, "MG" + "5" * 32, "AP" + "7" * 32
ELSEWHERE = Webhooks(
    "https://user:f0rmer@other.example.com/texts?token=s3cret#rc=1", "GET", "https://other.example.com/b"
)


def east(key: str) -> str:
    """The webhook's URL on stage east."""
    return f"https://apikey:{key}@{EAST}"


def south(key: str) -> str:
    """The webhook's URL on stage south."""
    return f"https://apikey:{key}@{SOUTH}"


def ours(key: str) -> Webhooks:
    """The webhooks of a connected number of an agent in the east."""
    return Webhooks(url=east(key), fallback_url=south(key))


def number_at_twilio(
    webhooks: Webhooks | None = None, service: MessagingService | None = None, *, account: str = ACCOUNT
) -> ProviderNumber:
    """Our number; without `webhooks` its texts go elsewhere."""
    return ProviderNumber(OUR_NUMBER, NUMBER_SID, account, ELSEWHERE if webhooks is None else webhooks, service)


def service(url: str = "", *, on_number: bool = False, others: int = 0) -> MessagingService:
    """A Messaging Service."""
    return MessagingService(SERVICE, "Notices", url, on_number, others)


def agents_credential(name: str = "agent desk", agent: Agent = DESK) -> tuple[Credential, str]:
    """A credential of tenant acme for an agent's numbers, and its API key."""
    credential, key = api_keys.issue("acme", name, Role.WRITER, datetime(2026, 11, 23, tzinfo=UTC))
    return replace(credential, agent_id=agent.id), key


def fresh_key(name: str = "agent desk") -> Key:
    """A key for the numbers of tenant acme's agent whose credential is still to be added."""
    return Key(*agents_credential(name), is_new=True)


def _nothing() -> None:
    """Does nothing."""


@dataclass
class FakeNumbers:
    """`operations.ports.ProviderNumbers` over a dict by number.

    tests/integration/test_provider_numbers.py holds it to the port.

    Attributes:
        failing: what a change raises.
        fails_at: which change: `webhooks` or `service`.
        deaf: whether changes seem to succeed but are not made.
        after_change: is called after each change.
        before_find: is called at the start of each `find`.
        asked: the SIDs of the accounts that `find` was called for, in order.
        sought: the numbers that it was called for, in order.
        looked: the SIDs of the numbers that `webhooks` was called for, in order.
        changed: the changes that were made, in order: `webhooks` or `service`.
        urls: the URL that replaced Twilio's, for each time it was opened.
    """

    numbers: dict[str, ProviderNumber] = field(default_factory=dict)
    failing: SmsReceiverError | None = None
    fails_at: str = "webhooks"
    deaf: bool = False
    before_find: Callable[[], object] = _nothing
    after_change: Callable[[], object] = _nothing
    asked: list[str] = field(default_factory=list)
    sought: list[list[str]] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    urls: list[str | None] = field(default_factory=list)

    @classmethod
    def of(cls, *numbers: ProviderNumber) -> "FakeNumbers":
        return cls({number.number: number for number in numbers})

    def find(self, account: Account, numbers: Collection[str]) -> Mapping[str, ProviderNumber]:
        self.before_find()
        self.asked.append(account.sid)
        self.sought.append(sorted(numbers))
        return {n: self.numbers[n] for n in numbers if n in self.numbers and self.numbers[n].account == account.sid}

    def webhooks(self, account: Account, number_sid: str) -> Webhooks | None:
        self.looked.append(number_sid)
        mine = (number for number in self.numbers.values() if number.account == account.sid)
        return next((number.webhooks for number in mine if number.sid == number_sid), None)

    def set_webhooks(self, account: Account, number: ProviderNumber, wanted: Webhooks) -> None:
        if wanted == number.webhooks:
            return
        stored = [stored for stored in self._owned(account) if stored.sid == number.sid]
        self._change("webhooks", stored)
        assert number.webhooks == stored[0].webhooks, "these are not the webhooks that `find` just returned"
        if not self.deaf:
            self.numbers[number.number] = replace(stored[0], webhooks=wanted)

    def set_on_number(self, account: Account, service_sid: str, *, on_number: bool) -> None:
        members = [stored for stored in self._owned(account) if stored.service and stored.service.sid == service_sid]
        self._change("service", members)
        for member in members:
            if member.service:
                self.numbers[member.number] = replace(member, service=replace(member.service, on_number=on_number))

    def _owned(self, account: Account) -> list[ProviderNumber]:
        return [stored for stored in self.numbers.values() if stored.account == account.sid]

    def _change(self, what: str, concerned: Collection[ProviderNumber]) -> None:
        if self.failing and self.fails_at == what:
            raise self.failing
        if not concerned:
            raise UpstreamRefused(Reason.PROVIDER_REFUSED, "Twilio answered 404, error 20404", code=20404)
        self.changed.append(what)
        self.after_change()
