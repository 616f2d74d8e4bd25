"""Small stand-ins for our ports, and made-up values that several tests start from; every number is fictional."""

import base64
import hashlib
import hmac
import json
import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

from operations.tenants.managed_tenant import ManagedTenant
from shared.address import Address
from shared.errors import InProgress, Malformed, Mismatch, SmsReceiverError
from shared.messages.inbound import WebhookRequest
from shared.messages.outbound import Parked
from shared.messages.usage import Counted
from shared.ports import Json
from shared.tenants import api_keys
from shared.tenants.account import Account, Accounts, ProviderSecrets, RestKey
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from shared.tenants.lookup import TenantLookup
from shared.tenants.record import TenantRecord
from shared.tenants.tenant import Credential, Role, Tenant
from shared.usage import Usage

T = TypeVar("T")
V = TypeVar("V")
Fields = Iterable[tuple[str, str]]

PROVIDER = os.environ.get("TEST_PROVIDER", "twilio")
"""The name of the provider that the domain's tests run with; see tests/provider.py."""

SAMPLES = Path(__file__).parent / "samples"
FORM = "application/x-www-form-urlencoded"
URL = "https://sms-east.example.com/sms.receiver/SmsRecv"
PERSON, OUR_NUMBER = "+12025550123", "+12025550199"
ACCOUNT, SUBACCOUNT, STRANGER = "AC" + "1" * 32, "AC" + "2" * 32, "AC" + "3" * 32
TOKEN, SECOND_TOKEN, SUBACCOUNT_TOKEN = "70ce0" + "a" * 27, "70ce0" + "b" * 27, "70ce0" + "c" * 27
REST_SECRET = "rests3cret" + "d" * 22
SALT = "5a17" * 16
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
_QUEUED_BYTES_MAX = 256 * 1024
_DEDUPLICATION_SECONDS = 300  # SQS docs, "Using the message deduplication ID in Amazon SQS"


class FakeClock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class FakeLookup(Generic[V]):
    """A look-up by the ids of tenants over a dict: always up to date, or always failing."""

    def __init__(self, stored: Mapping[str, V], failing: SmsReceiverError | None) -> None:
        self.stored = dict(stored)
        self.failing = failing
        self.asked: list[str] = []

    def find(self, tenant_id: str, select: Callable[[V], T | None]) -> T | None:
        self.asked.append(tenant_id)
        if self.failing:
            raise self.failing
        value = self.stored.get(tenant_id)
        return None if value is None else select(value)


class FakeTenants(FakeLookup[Tenant]):
    """`shared.tenants.lookup.TenantLookup` over a dict."""

    def __init__(self, *tenants: Tenant, failing: SmsReceiverError | None = None) -> None:
        super().__init__({tenant.id: tenant for tenant in tenants}, failing)


def owner(tenants: TenantLookup, key: str) -> tuple[str, Credential]:
    """The id of the tenant and the credential that a key belongs to."""
    tenant, credential = api_keys.authenticate(tenants, key)
    return tenant.id, credential


class FakeAccounts(FakeLookup[ProviderSecrets]):
    """`shared.tenants.lookup.AccountLookup` over a dict; `tenant_id` is the tenant with the accounts."""

    def __init__(self, *accounts: Account, tenant_id: str = "acme", failing: SmsReceiverError | None = None) -> None:
        super().__init__({tenant_id: ProviderSecrets(SALT, accounts)}, failing)


class FakeRecords(FakeLookup[TenantRecord]):
    """`shared.tenants.lookup.RecordLookup` over a dict."""

    def __init__(self, *records: TenantRecord, failing: SmsReceiverError | None = None) -> None:
        super().__init__({record.id: record for record in records}, failing)


class FakeAgents:
    """`shared.tenants.lookup.AgentLookup` over a dict; `tenant_id` is the tenant with the agents."""

    def __init__(
        self, by_number: Mapping[str, Agent], *, tenant_id: str = "acme", failing: SmsReceiverError | None = None
    ) -> None:
        self.stored = {(tenant_id, number): agent for number, agent in by_number.items()}
        self.failing = failing
        self.asked: list[tuple[str, str]] = []

    def agent_at(self, tenant_id: str, address: str) -> Agent | None:
        self.asked.append((tenant_id, address))
        if self.failing:
            raise self.failing
        agents = (self.stored.get((tenant_id, held)) for held in Address.parse(address).held_as)
        return next(filter(None, agents), None)


@dataclass(frozen=True)
class Sent:
    """What was put on a FakeQueue."""

    event: Mapping[str, Any]
    group: str
    deduplication: str


@dataclass
class FakeQueue:
    """`shared.ports.MessageQueue` over a list; tests/integration/test_message_queue.py holds it to the port.

    Attributes:
        sent: what a consumer would get, in order.
        clock: gives seconds, from any start; without one, no time passes.
    """

    failing: SmsReceiverError | None = None
    sent: list[Sent] = field(default_factory=list)
    clock: Callable[[], float] = float
    _latest: dict[tuple[str, str], float] = field(default_factory=dict, init=False)

    def send(self, event: Mapping[str, object], *, group: str, deduplication: str) -> None:
        body = json.dumps(event, separators=(",", ":"))
        if len(body) > _QUEUED_BYTES_MAX:
            message = f"the event has {len(body)} bytes, where no more than {_QUEUED_BYTES_MAX} are allowed"
            raise Malformed(message)
        if self.failing:
            raise self.failing
        now = self.clock()
        if now - self._latest.get((group, deduplication), -math.inf) >= _DEDUPLICATION_SECONDS:
            self._latest[group, deduplication] = now
            self.sent.append(Sent(json.loads(body), group, deduplication))


class Crash(BaseException):
    """The Lambda ends here and now: nobody gets to tidy up."""


@dataclass
class FakeClaims:
    """`shared.ports.Claims` over a dict; tests/integration/test_claims.py holds it to the port.

    What crashed stays in progress until `expire`.
    """

    failing: SmsReceiverError | None = None
    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    in_progress: set[tuple[str, str]] = field(default_factory=set)
    payloads: dict[tuple[str, str], Json | None] = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)

    def once(
        self, effect: str, key: str, action: Callable[[], Json], *, stage: str, payload: Json | None = None
    ) -> Json:
        claim = (effect, key)
        self.stages.append(stage)
        if self.failing:
            raise self.failing
        if payload != self.payloads.setdefault(claim, payload):
            message = f"this {effect} was requested before, with other contents"
            raise Mismatch(message)
        if claim in self.in_progress:
            message = f"another invocation is doing this {effect} right now"
            raise InProgress(message)
        if claim not in self.kept:
            self.in_progress.add(claim)
            try:
                self.kept[claim] = json.dumps(action())
            except Exception:
                self._release(claim)
                raise
            self.in_progress.discard(claim)
        result: Json = json.loads(self.kept[claim])
        return result

    def expire(self) -> None:
        """Releases the claims of what crashed."""
        for claim in list(self.in_progress):
            self._release(claim)

    def _release(self, claim: tuple[str, str]) -> None:
        self.in_progress.discard(claim)
        self.payloads.pop(claim, None)


@dataclass
class FakeParking:
    """`shared.ports.Parking` over a dict; tests/integration/test_parking.py holds it to the port.

    Attributes:
        kept: by tenant and id.
        life_seconds: how long an event stays parked.
        clock: gives seconds, from any start; without one, no time passes.
    """

    failing: SmsReceiverError | None = None
    kept: dict[tuple[str, str], Parked] = field(default_factory=dict)
    life_seconds: float = math.inf
    clock: Callable[[], float] = float
    usage: Usage | None = None
    _until: dict[tuple[str, str], float] = field(default_factory=dict, init=False)

    def park(self, parked: Parked, failure: Counted | None = None) -> None:
        self._prepare()
        if failure and self.usage:
            self.usage.count(failure)
        key = parked.tenant, parked.id
        self.kept[key] = replace(parked, event=json.loads(json.dumps(parked.event)))
        self._until[key] = self.clock() + self.life_seconds

    def parked(self, tenant_id: str) -> list[Parked]:
        self._prepare()
        mine = [parked for (tenant, _), parked in self.kept.items() if tenant == tenant_id]
        return sorted(mine, key=lambda parked: parked.parked_at)

    def find(self, tenant_id: str, event_id: str) -> Parked | None:
        self._prepare()
        return self.kept.get((tenant_id, event_id))

    def remove(self, parked: Parked) -> None:
        self._prepare()
        present = self.kept.get((parked.tenant, parked.id))
        if present and present.parked_at == parked.parked_at:
            del self.kept[parked.tenant, parked.id]

    def _prepare(self) -> None:
        """Fails if it must, and forgets what has expired."""
        if self.failing:
            raise self.failing
        for key in [key for key in self.kept if self._until.get(key, math.inf) <= self.clock()]:
            del self.kept[key]


def credential(role: Role = Role.WRITER, *, tenant_id: str = "acme", name: str = "twilio") -> tuple[Credential, str]:
    """A credential and its API key."""
    return api_keys.issue(tenant_id, name, role, NOW)


DESK = Agent("Desk0001", "desk", AgentKind.SMS, "east")
"""An agent without a backend."""

LISTENING = replace(DESK, backend=BackendSettings("echo", statuses=True))
"""An agent whose backend wants to hear what becomes of its replies."""

ACCOUNTS: Accounts = (
    Account(ACCOUNT, PROVIDER, (TOKEN, SECOND_TOKEN), RestKey("SK" + "4" * 32, REST_SECRET)),
    Account(SUBACCOUNT, PROVIDER, (SUBACCOUNT_TOKEN,)),
)
"""An account and a subaccount."""


def tenant(*members: Credential, **changes: Any) -> Tenant:  # noqa: ANN401 - any attribute of a tenant
    """What a tenant's requests are checked with."""
    values: dict[str, Any] = {"id": "acme", "salt": SALT, "credentials": members}
    return Tenant(**(values | changes))


def managed_tenant(*members: Credential, **changes: Any) -> ManagedTenant:  # noqa: ANN401 - any attribute of a tenant
    """A tenant as operators have it, with an account, a subaccount and an agent."""
    values: dict[str, Any] = {
        "id": "acme",
        "salt": SALT,
        "credentials": members,
        "accounts": ACCOUNTS,
        "agents": (DESK,),
    }
    return ManagedTenant(**(values | changes))


def record(tenant_id: str = "acme", **changes: Any) -> TenantRecord:  # noqa: ANN401 - any attribute of a record
    """A tenant in the directory, with the names of both accounts."""
    values: dict[str, Any] = {"id": tenant_id, "accounts": tuple(account.name for account in ACCOUNTS)}
    return TenantRecord(**(values | changes))


def sample(name: str) -> Any:  # noqa: ANN401 - a sample is whatever JSON it is
    """The JSON of a file in tests/samples."""
    return json.loads((SAMPLES / name).read_text(encoding="utf-8"))


def schema(name: str) -> dict[str, Any]:
    """The published JSON Schema in docs/schemas."""
    path = SAMPLES.parents[1] / "docs" / "schemas" / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def inbound(**changes: str) -> list[tuple[str, str]]:
    """The fields of an inbound text, some of them changed; its other two ids follow MessageSid."""
    if "MessageSid" in changes:
        changes = dict.fromkeys(("SmsSid", "SmsMessageSid"), changes["MessageSid"]) | changes
    fields: dict[str, str] = sample("twilio_inbound_sms.json")["fields"]
    return list((fields | {"AccountSid": ACCOUNT, "From": PERSON, "To": OUR_NUMBER} | changes).items())


def status(**changes: str) -> list[tuple[str, str]]:
    """The fields of a status callback (Twilio docs, "Outbound message status in status callbacks")."""
    fields = {
        "MessageSid": "SM" + "5" * 32,
        "SmsSid": "SM" + "5" * 32,
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": OUR_NUMBER,
        "To": PERSON,
        "MessageStatus": "delivered",
        "SmsStatus": "delivered",
        "RawDlrDoneDate": "2611231200",
    }
    if "MessageSid" in changes:
        changes = {"SmsSid": changes["MessageSid"]} | changes
    return list((fields | changes).items())


def twilio_signature(url: str, fields: Fields, token: str) -> str:
    """What Twilio's documentation says it does: the URL, then every field by name, HMAC-SHA1, base64."""
    values: dict[str, set[str]] = {}
    for name, value in fields:
        values.setdefault(name, set()).add(value)
    signed = url + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def webhook(fields: Fields, *, token: str = TOKEN, url: str = URL, **headers: str) -> WebhookRequest:
    """A webhook as Twilio makes it, signed for `url`; headers are given with _ for -, and win."""
    fields = list(fields)
    made = {"content-type": FORM, "x-twilio-signature": twilio_signature(url, fields, token)}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return WebhookRequest(urls=(url,), headers=made | given, body=urlencode(fields).encode())


def fields_of(body: str | bytes) -> list[tuple[str, str]]:
    """The fields of a form, in order, blanks included."""
    return parse_qsl(body.decode() if isinstance(body, bytes) else body, keep_blank_values=True)
