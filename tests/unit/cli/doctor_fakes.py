"""A stage, the web and Twilio as `sms doctor` looks at them: all is well until a test says otherwise."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TypeVar
from urllib.parse import parse_qsl

from operations.health.web import WebAnswer
from operations.stage.deployed_settings import (
    DeployedSettings,
    GatewaySettings,
    Protection,
    SavedQuery,
    TriggerSettings,
)
from operations.stage.inspection import Alarm, DirectoryTable, Listeners, Queue, StageInspection, Trigger
from operations.stage.tenant_copy import SecretCopy, TenantCopy
from operations.twilio.accounts import AccountState
from operations.twilio.auth_tokens import TwilioTokens
from shared.errors import NotFound, SmsReceiverError, UpstreamRefused
from shared.public_paths import RECEIVE
from shared.reasons import Reason
from shared.tenants.account import RestKey
from shared.tenants.record import SecretPart, TenantRecord
from tests.fakes import NOW, TOKEN

T = TypeVar("T")
ALARMS = {"sms-receiver-east-parked", "sms-receiver-east-stuck"}
CHALLENGE = {"www-authenticate": 'Basic realm="sms.receiver"', "date": format_datetime(NOW)}


def refusal(status: int, reason: str) -> WebAnswer:
    return WebAnswer(status, {}, json.dumps({"reason": reason}))


def copy(*, size: int = 1000, announced: str = "v1", **parts: SecretCopy | None) -> TenantCopy:
    """What a region has of the tenant: the whole of it, but for the parts that are named."""
    record = TenantRecord("acme", versions=dict.fromkeys(SecretPart, "v1") | {SecretPart.ACCESS: announced})
    secrets = {part: SecretCopy("v1", f"digest of {part}", size) for part in SecretPart}
    changed = {SecretPart(name): secret for name, secret in parts.items()}
    return TenantCopy(record, {part: secret for part, secret in (secrets | changed).items() if secret})


class FakeInspected(StageInspection):
    """What AWS tells; a method whose attribute is named in `failing` raises that."""

    def __init__(self) -> None:
        self.failing: dict[str, SmsReceiverError] = {}
        self.status: str | None = "UPDATE_COMPLETE"
        self.queues = {"in": Queue(1, 0, redrives=True), "out": Queue(0, 0, redrives=True)}
        self.oldest: float | None = 3.0
        self.made = set(ALARMS)
        self.told = [Alarm(name, "OK") for name in sorted(ALARMS)]
        self.heard_by = Listeners(1, 0)
        self.limit = 1000
        self.consumers = {
            "inbound": Trigger(3, enabled=True),
            "reminders": Trigger(2, enabled=True),
            "outbound": Trigger(2, enabled=True),
        }
        self.role: str | None = "arn:aws:iam::1:role/logs"
        self.limits: dict[str, tuple[float, int]] = {
            "*/*": (200.0, 400),
            "/sms.receiver/SmsStatus/{tenant}/{reply}/POST": (100.0, 200),
        }
        self.tables: dict[str, DirectoryTable | None] = {
            "us-east-1": DirectoryTable("ACTIVE", {"us-east-2": "ACTIVE"}),
            "us-east-2": DirectoryTable("ACTIVE", {"us-east-1": "ACTIVE"}),
        }
        self.stored = {"us-east-1": copy(), "us-east-2": copy()}
        self.changes = 3

    def stack_status(self) -> str | None:
        self._fail("status")
        return self.status

    def queue(self, url: str) -> Queue:
        self._fail("queues")
        if url not in self.queues:
            message = "the queue does not exist"
            raise NotFound(message)
        return self.queues[url]

    def oldest_seconds(self, queue_url: str, now: datetime) -> float | None:
        assert (queue_url, now) == ("in", NOW)  # nothing waits on the other one
        self._fail("oldest")
        return self.oldest

    def alarm_names(self) -> set[str]:
        self._fail("made")
        return self.made

    def alarms(self) -> list[Alarm]:
        self._fail("told")
        return self.told

    def listeners(self, topic_arn: str) -> Listeners:
        assert topic_arn == "topic"
        self._fail("heard_by")
        return self.heard_by

    def concurrency(self) -> int:
        self._fail("limit")
        return self.limit

    def trigger(self, function: str, queue: str) -> Trigger | None:
        self._fail("consumers")
        assert function in {"forwarder", "sender"}
        return self.consumers.get(queue)

    def log_role(self) -> str | None:
        self._fail("role")
        return self.role

    def throttles(self, rest_api_id: str) -> dict[str, tuple[float, int]]:
        assert rest_api_id == "api1"
        self._fail("limits")
        return self.limits

    @property
    def regions(self) -> list[str]:
        return list(self.tables)

    def directory(self, region: str) -> DirectoryTable | None:
        self._fail("tables")
        self._fail(f"tables {region}")
        return self.tables[region]

    def copy(self, tenant_id: str, region: str) -> TenantCopy:
        self._fail(f"copies {region}")
        return self.copies(tenant_id)[region]

    def copies(self, tenant_id: str) -> dict[str, TenantCopy]:
        assert tenant_id
        self._fail("regions")
        return self.stored

    def versions_since(self, tenant_id: str, part: SecretPart, since: datetime, *, region: str) -> int:
        assert (since, region) == (NOW - timedelta(days=1), "us-east-1")
        assert tenant_id
        assert part
        self._fail("changes")
        return self.changes

    def _fail(self, name: str) -> None:
        if name in self.failing:
            raise self.failing[name]


GATEWAY = GatewaySettings(
    tracing=True,
    metrics=True,
    access_log="/aws/api-gateway/sms-receiver-east",
    rate=200.0,
    burst=400,
    data_trace=False,
    log_level="OFF",
)
ROLE = "arn:aws:iam::111122223333:role/"


class FakeSettings(DeployedSettings):
    """What a deployment set: all that it should.

    Attributes:
        failing: what every question raises.
        forbidden: the words of which an action, a resource or a partition key has one, if it is denied; by the end of
            the role's or user's ARN.
    """

    def __init__(self) -> None:
        self.failing: SmsReceiverError | None = None
        self.gateways = GATEWAY
        self.mapped = {"forwarder": [TriggerSettings("Enabled", 1, 4, reports_failures=True)]}
        self.mapped["sender"] = [TriggerSettings("Enabled", 1, 3, reports_failures=True)]
        self.protected = {
            region: Protection(from_deletion=True, restorable=True) for region in ("us-east-1", "us-east-2")
        }
        self.measured = {"Accepted", "Refused"}
        self.accessed = ['{"status": "401", "principal": "acme.1"}']
        self.queries = [SavedQuery("sms-receiver-east/what failed", "filter 1", ["group"])]
        self.ends = "Complete"
        self.who: str | None = ROLE + "Admin"
        others = {
            "authorizer": "accounts signing number# operators# tenants",
            "receiver": "signing number# operators# tenants",
            "statuses": "access signing operators# tenants",
            "api": "accounts signing operators# tenants",
            "forwarder": "access accounts operators# tenants",
            "sender": "access signing operators# tenants",
        }
        self.forbidden = {function: words.split() for function, words in others.items()}

    def gateway(self, api_id: str) -> GatewaySettings:
        self._fail()
        assert api_id == "api1"
        return self.gateways

    def triggers(self, function: str) -> list[TriggerSettings]:
        self._fail()
        return self.mapped[function]

    def protection(self, region: str) -> Protection:
        self._fail()
        return self.protected[region]

    def metrics(self) -> set[str]:
        self._fail()
        return self.measured

    def access_log(self, since: datetime) -> list[str]:
        self._fail()
        assert since == NOW - timedelta(hours=1)
        return self.accessed

    def saved_queries(self) -> list[SavedQuery]:
        self._fail()
        return self.queries

    def run_query(self, query: SavedQuery, now: datetime, *, sleep: Callable[[float], object] = lambda _: None) -> str:
        self._fail()
        assert (query, now) == (self.queries[0], NOW)
        sleep(0.0)
        return self.ends

    def role(self, function: str) -> str:
        self._fail()
        return ROLE + function

    def caller(self) -> str | None:
        self._fail()
        return self.who

    def denied(
        self, principal: str, actions: Sequence[str], resource: str, *, leading_key: str | None = None
    ) -> set[str]:
        self._fail()
        assert "*" not in "".join(actions)
        words = self.forbidden.get(principal.removeprefix(ROLE), [])
        asked = [resource.replace("-AbCdEf", ""), leading_key or ""]
        return {action for action in actions if any(word in where for word in words for where in (action, *asked))}

    def _fail(self) -> None:
        if self.failing:
            raise self.failing


@dataclass
class FakeWeb:
    """A stage that answers as it should: by what comes with the request, or as a test says.

    Attributes:
        bare: the answer to a request without a key.
        nowhere: the answers to a request for a path that does not exist, without a key and with one.
        keyed: the answers to requests with a key and without a signature, the last one for ever.
        signed: the answer to a signed request.
        arrived: called with the fields of a signed request that is taken.
    """

    bare: WebAnswer | SmsReceiverError = field(default_factory=lambda: WebAnswer(401, CHALLENGE, ""))
    nowhere: tuple[WebAnswer, WebAnswer] = (WebAnswer(404, {}, ""), WebAnswer(403, {}, ""))
    stranger: WebAnswer = field(default_factory=lambda: WebAnswer(401, {}, ""))
    keyed: list[WebAnswer] = field(default_factory=lambda: [refusal(403, "missing_signature")])
    signed: WebAnswer = field(default_factory=lambda: WebAnswer(200, {}, "<Response/>"))
    arrived: Callable[[dict[str, str]], object] = lambda _: None
    certificate: datetime | SmsReceiverError = NOW + timedelta(days=60)
    leads_to: set[str] | SmsReceiverError = field(default_factory=set)
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    key_is_good: Callable[[str], bool] = lambda _: False

    def post(self, url: str, *, headers: Mapping[str, str], body: str) -> WebAnswer:
        self.asked.append((url, dict(headers), dict(parse_qsl(body, keep_blank_values=True))))
        login = headers.get("Authorization")
        if not url.endswith(RECEIVE):
            return self.nowhere[login is not None]
        if login is None:
            return _or_raise(self.bare)
        if not self.key_is_good(login):
            return self.stranger
        if "X-Twilio-Signature" not in headers:
            return self.keyed.pop(0) if len(self.keyed) > 1 else self.keyed[0]
        if self.signed.status == 200:
            self.arrived(self.asked[-1][2])
        return self.signed

    def certificate_ends(self, host: str) -> datetime:
        assert host
        return _or_raise(self.certificate)

    def names(self, host: str) -> set[str]:
        assert host
        return _or_raise(self.leads_to)


@dataclass
class FakeAccounts:
    """What Twilio says of accounts; it knows every token but those in `unknown`, in one region. `primary` signs."""

    told: AccountState = field(default_factory=lambda: AccountState("active", "Full"))
    unknown: set[str] = field(default_factory=set)
    failing: SmsReceiverError | None = None
    primary: str = TOKEN
    region: str = ""

    def state(self, sid: str, auth_token: str, *, region: str = "") -> AccountState | None:
        assert sid.startswith("AC")
        if self.failing:
            raise self.failing
        return None if auth_token in self.unknown or region != self.region else self.told

    def opens(self, sid: str, key: RestKey, *, region: str = "") -> bool:
        assert sid.startswith("AC")
        if self.failing:
            raise self.failing
        return key.secret not in self.unknown and region == self.region


class FakeTokens(TwilioTokens):
    """The auth tokens of one account at Twilio, which `FakeAccounts` then knows or not.

    tests/integration/test_twilio_tokens.py holds it to the real ones.

    Attributes:
        failing: what a change raises, by its name.
        made: how many tokens were made.
    """

    def __init__(self, accounts: FakeAccounts) -> None:
        self._accounts = accounts
        self.failing: dict[str, SmsReceiverError] = {}
        self.secondary: str | None = None
        self.made = 0

    def create(self, sid: str, auth_token: str, *, region: str = "") -> str:
        self._begin("create", sid, auth_token, region)
        if self.secondary:
            raise UpstreamRefused(Reason.PROVIDER_REFUSED, "Twilio answered 400, error 20001", code=20001)
        self.made += 1
        self.secondary = f"f00d{self.made:028d}"
        self._accounts.unknown.discard(self.secondary)
        return self.secondary

    def delete(self, sid: str, auth_token: str, *, region: str = "") -> None:
        self._begin("delete", sid, auth_token, region)
        self._accounts.unknown.add(self._take_secondary())

    def promote(self, sid: str, auth_token: str, *, region: str = "") -> str:
        self._begin("promote", sid, auth_token, region)
        promoted = self._take_secondary()
        self._accounts.unknown.add(self._accounts.primary)
        self._accounts.primary = promoted
        return promoted

    def _begin(self, what: str, sid: str, auth_token: str, region: str) -> None:
        if self._accounts.state(sid, auth_token, region=region) is None:
            sentence = f"Twilio does not accept the auth tokens of account {sid}"
            raise UpstreamRefused(Reason.PROVIDER_UNAUTHORIZED, sentence, code=20003)
        if what in self.failing:
            raise self.failing[what]

    def _take_secondary(self) -> str:
        if self.secondary is None:
            raise UpstreamRefused(Reason.PROVIDER_REFUSED, "Twilio answered 404, error 20404", code=20404)
        secondary, self.secondary = self.secondary, None
        return secondary


def _or_raise(told: T | SmsReceiverError) -> T:
    if isinstance(told, SmsReceiverError):
        raise told
    return told
