"""A line: a tenant with a credential, an account and a number, and ways to text it, politely or not."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from devstack.aws import LocalAws
from devstack.backend import LocalBackend
from devstack.phones import Phones
from devstack.state import StackState
from devstack.target import LocalTarget
from operations.ports import TenantStore
from operations.stage.target import Target
from operations.tenants.managed_tenant import ManagedTenant
from shared.aws.parking import DynamoParking
from shared.aws.reply_records import DynamoReplies
from shared.messages.outbound import Parked
from shared.tenants import api_keys
from shared.tenants.account import Account, RestKey
from shared.tenants.agent import Agent, AgentKind
from shared.tenants.tenant import Role, SignatureMode
from tests.e2e.contract import Contract
from tests.e2e.waiting import until

PATH = "/sms.receiver/SmsRecv"
PERSON = "+12025550147"


@dataclass(frozen=True)
class Line:
    """What a test needs to text one tenant on one stage."""

    tenant: str
    stage: str
    base_url: str
    aws_endpoint: str
    key: str = field(repr=False)
    account: str
    token: str = field(repr=False)
    number: str
    contract: Contract = field(repr=False)

    @property
    def url(self) -> str:
        """The webhook's URL without credentials."""
        return self.base_url + PATH

    @property
    def webhook(self) -> str:
        """The URL that an operator pastes."""
        return self.url.replace("https://", f"https://apikey:{self.key}@")

    def form(self, **fields: str) -> dict[str, str]:
        """A text's fields, some of them blank, with a message id of its own."""
        plain = {
            "MessageSid": message_id(),
            "AccountSid": self.account,
            "From": fresh_number(),  # of one person no more than so many texts a minute are answered
            "To": self.number,
            "Body": "hello",
            "FromCity": "",
            "NumMedia": "0",
            "ApiVersion": "2010-04-01",
        }
        return {**plain, **fields}

    def post(  # noqa: PLR0913 - each is a way to be rude
        self,
        form: dict[str, str],
        *,
        key: str | None = None,
        username: str = "apikey",
        signature: str | None = None,
        path: str | None = None,
        method: str = "POST",
        content_type: str = "application/x-www-form-urlencoded; charset=UTF-8",
    ) -> httpx.Response:
        """One request, past Twilio's manners: straight with credentials, and signed by this line's token."""
        given = (username, self.key if key is None else key)
        headers = self._signed(form, signature) | {"Content-Type": content_type}
        return self.request(
            PATH if path is None else path, method=method, headers=headers, content=urlencode(form), auth=given
        )

    def bare(self, form: dict[str, str]) -> httpx.Response:
        """One request without an Authorization header, as Twilio's first."""
        return self.request(PATH, headers=self._signed(form, None), content=urlencode(form))

    def request(
        self,
        path: str,
        *,
        headers: dict[str, str],
        content: str | bytes,
        method: str = "POST",
        auth: tuple[str, str] | None = None,
    ) -> httpx.Response:
        """One request to the stage; its answer is held to the contract."""
        place = self.aws_endpoint + urlsplit(self.base_url).path + path
        given = {"Host": urlsplit(self.base_url).netloc, **headers}
        answer = httpx.request(method, place, headers=given, content=content, auth=auth, trust_env=False, timeout=30)
        self.contract.answered(method, path, answer, with_credentials="authorization" in answer.request.headers)
        return answer

    def _signed(self, form: dict[str, str], signature: str | None) -> dict[str, str]:
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": sign(self.token, self.url, form) if signature is None else signature,
        }


def sign(token: str, url: str, form: dict[str, str]) -> str:
    """A form's signature as Twilio documents it, written out."""
    signed = url + "".join(name + value for name, value in sorted(form.items()))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def fresh_number() -> str:
    """A phone number that no other test has; there are eight million."""
    return f"+1202{2_000_000 + secrets.randbelow(8_000_000)}"


def message_id() -> str:
    """A fresh MessageSid."""
    return "SM" + secrets.token_hex(16)


@dataclass(frozen=True)
class Lines:
    """Makes lines, and changes their tenants as an operator would."""

    present: StackState
    aws: LocalAws
    phones: Phones
    backend: LocalBackend
    contract: Contract
    secret: set[str] = field(default_factory=set, repr=False)
    """All that was made here and must never reach a log."""
    _shared: dict[str, Line] = field(default_factory=dict, repr=False)

    def shared(self, stage: str) -> Line:
        """One line for all tests that change nothing about its tenant."""
        if stage not in self._shared:
            self._shared[stage] = self.open(stage)
        return self._shared[stage]

    def open(
        self,
        stage: str,
        *,
        role: Role = Role.WRITER,
        mode: SignatureMode = SignatureMode.ENFORCE,
        rest_key: RestKey | None = None,
        **agent: Any,  # noqa: ANN401 - any field of an agent
    ) -> Line:
        """A new tenant with one credential, one account, one agent and one number, which the twin knows too."""
        tenant_id = "t" + secrets.token_hex(6)
        credential, key = api_keys.issue(tenant_id, "phone", role, datetime.now(UTC))
        token = secrets.token_hex(16)
        account = Account(sid="AC" + secrets.token_hex(16), provider="twilio", auth_tokens=(token,), rest_key=rest_key)
        number = fresh_number()
        helper = Agent(
            **{
                "id": secrets.token_hex(4),
                "name": "helper",
                "kind": AgentKind.SMS,
                "stage": stage,
                "backend": self.backend.settings(),
                **agent,
            }
        )
        tenant = ManagedTenant(
            id=tenant_id,
            salt=secrets.token_hex(32),
            signature_mode=mode,
            credentials=(credential,),
            accounts=(account,),
            agents=(helper,),
        )
        self.store.create(tenant)
        self.target.numbers_directory.assign(tenant_id, helper.id, number)
        line = Line(
            tenant=tenant_id,
            stage=stage,
            base_url=self.present.stages[stage].base_url,
            aws_endpoint=self.present.aws_endpoint,
            key=key,
            account=account.sid,
            token=token,
            number=number,
            contract=self.contract,
        )
        self.secret.update({key, key.rpartition("_")[2], token, number, PERSON, self.backend.secret})
        rest_keys = {rest_key.sid: rest_key.secret} if rest_key else {}
        self.secret.update(rest_keys.values())
        self.phones.set_account(line.account, auth_token=token, rest_keys=rest_keys)
        self.phones.set_number(number, account=line.account, webhook=line.webhook)
        return line

    def on(self, stage: str, line: Line) -> Line:
        """The same line, reached through another stage."""
        return replace(line, stage=stage, base_url=self.present.stages[stage].base_url)

    @property
    def target(self) -> Target:
        """A stage, for an operator; which one does not matter to tenants and numbers."""
        return LocalTarget("east")

    @property
    def store(self) -> TenantStore:
        """The tenants, for changes."""
        return self.target.store

    def tenant(self, line: Line) -> ManagedTenant:
        """A line's tenant as it is stored."""
        return self.store.read(line.tenant)[0]

    def change(self, line: Line, **changes: Any) -> None:  # noqa: ANN401 - any field of a tenant
        """Changes a line's tenant."""
        store = self.store
        tenant, version = store.read(line.tenant)
        store.replace(tenant, replace(tenant, **changes), version)

    def parking(self, line: Line) -> DynamoParking:
        """What is parked on a line's stage."""
        stage = self.present.stages[line.stage]
        return DynamoParking(self.aws.dynamodb(stage.region), stage.tables["state"], life_seconds=3600)

    def replies(self, line: Line) -> DynamoReplies:
        """What is known of a line's replies on its stage."""
        stage = self.present.stages[line.stage]
        return DynamoReplies(self.aws.dynamodb(stage.region), stage.tables["state"], life_seconds=3600)

    def parked(self, line: Line, event_id: str, *, within_seconds: float = 30) -> Parked:
        """The parked event, once it is there."""
        found = until(lambda: self.parking(line).find(line.tenant, event_id), within_seconds=within_seconds)
        assert found, f"{event_id} was not parked"
        self.contract.queued(found.queue, found.event, group=found.group)
        return found

    def issue(self, line: Line, name: str, role: Role = Role.WRITER) -> str:
        """A further key for a line's tenant."""
        credential, key = api_keys.issue(line.tenant, name, role, datetime.now(UTC))
        self.change(line, credentials=(*self.tenant(line).credentials, credential))
        self.secret.update({key, key.rpartition("_")[2]})
        return key
