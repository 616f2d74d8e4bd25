"""The command as an operator types it, on tenants in memory."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from typer.testing import CliRunner, Result

from cli.app import app
from cli.context import CommandWorld
from operations.stage.deployed_stack import FoundLines, LogLine
from operations.stage.figures import Steps
from operations.stage.names import FUNCTIONS, QUEUES, STAGES, Stage
from operations.stage.target import Target
from operations.tenants.managed_tenant import ManagedTenant
from shared.address import Address
from shared.backends import BackendDependencies
from shared.backends.echo import EchoBackend
from shared.errors import SmsReceiverError
from shared.messages.outbound import Answer
from shared.ports import Backend
from shared.tenants.agent import BackendSettings
from tests.fakes import NOW, FakeParking, FakeQueue
from tests.numbers_fakes import BASES, FakeNumbers
from tests.opt_out_fakes import FakeOptOuts
from tests.promises_fake import FakePromises, FakeReminders
from tests.sessions_fake import FakeSessions
from tests.unit.cli.doctor_fakes import FakeAccounts, FakeInspected, FakeSettings, FakeTokens, FakeWeb
from tests.unit.operations.tenants.fakes import FakeNumberDirectory, FakeTenantStore
from tests.unit.operations.tracing.fakes import FakeMessages, FakeTextRecords
from tests.usage_fake import FakeUsageFigures

BASE_URLS = BASES

_OF_ALL_TENANTS = {("tail",), ("audit",), ("setup",)}
WHO = "arn:aws:sts::111122223333:assumed-role/Operator/jane"


@dataclass
class FakeAudit:
    """`operations.stage.target.Audit` over a list; tests/integration/test_audit_log.py holds it to the port."""

    kept: list[dict[str, Any]] = field(default_factory=list)
    failing: SmsReceiverError | None = None

    def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        if self.failing:
            raise self.failing
        self.kept += json.loads(json.dumps(records))

    def read(self, since: datetime) -> list[dict[str, Any]]:
        if self.failing:
            raise self.failing
        times = [(datetime.fromisoformat(record["time"]), record) for record in self.kept]
        return [record for time, record in sorted(times, key=lambda timed: timed[0]) if time >= since]


@dataclass
class FakeSearch:
    """`operations.stage.deployed_stack.LineSearch` over a list."""

    found: list[LogLine]

    def lines(self) -> FoundLines:
        return FoundLines(self.found, complete=True)


@dataclass
class FakeFigures:
    """`operations.stage.figures.StageFigures` over lists of times and values, by the metric's name."""

    points: dict[str, list[tuple[datetime, float]]] = field(default_factory=dict)
    failing: SmsReceiverError | None = None

    def sums(self, metrics: Sequence[str], steps: Steps) -> dict[str, Sequence[float]]:
        if self.failing:
            raise self.failing
        return {metric: steps.sums(self.points.get(metric, [])) for metric in metrics}


@dataclass
class FakeTarget:
    """`operations.stage.target.Target` without AWS.

    Attributes:
        logs_read: how many logs were read whole.
        searches: how often the logs were searched.
    """

    store: FakeTenantStore
    numbers_directory: FakeNumberDirectory
    base_urls: dict[str, str]
    stacks: dict[str, dict[str, str]]
    parking: FakeParking
    promises: FakePromises
    opt_outs: FakeOptOuts
    usage: FakeUsageFigures
    sessions: FakeSessions
    journal: FakeReminders
    queues: dict[str, FakeQueue]
    dead: dict[str, int]
    logs: dict[str, list[LogLine]]
    audit: FakeAudit
    inspected: FakeInspected
    text_records: FakeTextRecords
    settings: FakeSettings
    figures: FakeFigures
    stage: str = ""
    local: bool = False
    twilio_url: str | None = None
    failing_logs: SmsReceiverError | None = None
    logs_read: int = 0
    searches: int = 0

    @property
    def region(self) -> str:
        return {"east": "us-east-1", "south": "us-east-2"}[self.stage]

    @property
    def home_region(self) -> str:
        return "us-east-1"

    def way_to(self, url: str) -> tuple[str, dict[str, str]]:
        return url, {}

    def whereabouts(self) -> str:
        return f"AWS account 111122223333, region {self.region}, stage {self.stage}"

    def caller(self) -> str:
        return WHO

    def base_url(self, stage: str) -> str | None:
        return self.base_urls.get(stage)

    def send_url(self, stage: str) -> str | None:
        base_url = self.base_urls.get(stage)
        return base_url and base_url.rstrip("/") + "/sms.sender/SmsSend"

    def outputs(self, stage: str) -> dict[str, str] | None:
        return self.stacks.get(stage)

    def queue(self, name: str) -> FakeQueue:
        return self.queues[name]

    def crashed(self, name: str) -> int:
        return self.dead[name]

    def redrive(self, name: str) -> None:
        self.dead[name] = 0

    def log(self, function: str, since: datetime, containing: str | None = None) -> list[LogLine]:
        self.logs_read += 1
        if self.failing_logs:
            raise self.failing_logs
        lines = (line for line in self.logs.get(function, []) if since <= line.time)
        return [line for line in lines if f'"{containing}"' in line.text or containing is None]

    def search_log(
        self, words: Sequence[str], since: datetime, until: datetime, functions: Sequence[str] = FUNCTIONS
    ) -> FakeSearch:
        self.searches += 1
        if self.failing_logs:
            raise self.failing_logs
        lines = [line for function in functions for line in self.logs.get(function, []) if since <= line.time <= until]
        return FakeSearch([line for line in lines if any(f'"{word}"' in line.text for word in words)])


@dataclass
class FakeTwin:
    """`cli.context.Twin` that answers each text at once.

    Attributes:
        replies: what the person's phone shows after a text.
        failing: what asking it raises.
        done: what Twilio did with a text.
        phone: what the phone shows.
    """

    replies: list[dict[str, Any]] = field(default_factory=list)
    done: dict[str, Any] = field(default_factory=dict)
    failing: Exception | None = None
    phone: list[dict[str, Any]] = field(default_factory=list)
    texts: list[tuple[str, str, str]] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, tuple[str, str, str | None]] = field(default_factory=dict)

    def set_account(self, sid: str, *, auth_token: str) -> None:
        self._fail()
        self.accounts[sid] = auth_token

    def set_number(self, number: str, *, account: str, webhook: str, fallback: str | None = None) -> None:
        self.numbers[number] = (account, webhook, fallback)

    def text(self, *, sender: str, to: str, body: str) -> dict[str, Any]:
        self._fail()
        self.texts.append((sender, to, body))
        self.phone += self.replies
        return self.done

    def screen(self, number: str) -> list[dict[str, Any]]:
        assert Address.parse(number).text == number
        return list(self.phone)

    def _fail(self) -> None:
        if self.failing:
            raise self.failing


@dataclass
class FakeBackend:
    """`shared.ports.Backend` that answers as a function does."""

    answers: Callable[[Mapping[str, Any]], Answer]

    def answer(self, event: Mapping[str, Any]) -> Answer:
        return self.answers(event)


@dataclass
class Command:
    """Runs `sms …`.

    Attributes:
        store: the tenants.
        directory: their numbers.
        base_urls: of the stages that are deployed.
        stacks: the outputs of the stages that are deployed.
        terminal: whether an operator sits in front of it.
        parking: what is parked.
        promises: the texts that are answered later.
        opt_outs: who has opted out.
        usage: what each stage has counted.
        sessions: the sessions of conversations.
        journal: the queue of journals.
        queues: by name.
        dead: how many messages crashed, by queue.
        logs: the lines of each function's log on stage east.
        far_logs: the same on stage south.
        stored: what each stage has stored of texts.
        messages: what Twilio knows of messages.
        failing_logs: what reading a log raises.
        audit: who changed what.
        inspected: what AWS tells of the stage.
        settings: what its deployment set.
        figures: what its functions measured.
        outside: the web.
        accounts: what Twilio tells of accounts.
        tokens: their auth tokens.
        twin: the local stack's twin of Twilio.
        numbers: the numbers at Twilio.
        sleep: what waiting does.
        now: what time it is.
        backend: what agents' backends answer when they are asked from here; with their settings in `asked`.
        opened: the targets that were used.
        browsed: the URLs that were opened in a browser.
        until_interrupted: what happens until Ctrl-C.
        tenant: what `--tenant` says where a test does not; None when it is not given.
    """

    store: FakeTenantStore
    base_urls: dict[str, str] = field(default_factory=BASE_URLS.copy)
    stacks: dict[str, dict[str, str]] = field(default_factory=lambda: {"east": {}, "south": {}})
    parking: FakeParking = field(default_factory=FakeParking)
    promises: FakePromises = field(default_factory=FakePromises)
    opt_outs: FakeOptOuts = field(default_factory=FakeOptOuts)
    usage: dict[str, FakeUsageFigures] = field(default_factory=lambda: {stage: FakeUsageFigures() for stage in STAGES})
    sessions: FakeSessions = field(default_factory=FakeSessions)
    journal: FakeReminders = field(default_factory=FakeReminders)
    queues: dict[str, FakeQueue] = field(default_factory=lambda: {name: FakeQueue() for name in QUEUES})
    dead: dict[str, int] = field(default_factory=lambda: dict.fromkeys(QUEUES, 0))
    logs: dict[str, list[LogLine]] = field(default_factory=dict)
    far_logs: dict[str, list[LogLine]] = field(default_factory=dict)
    stored: dict[str, FakeTextRecords] = field(default_factory=lambda: {stage: FakeTextRecords() for stage in STAGES})
    messages: FakeMessages = field(default_factory=FakeMessages)
    failing_logs: SmsReceiverError | None = None
    audit: FakeAudit = field(default_factory=FakeAudit)
    inspected: FakeInspected = field(default_factory=FakeInspected)
    settings: FakeSettings = field(default_factory=FakeSettings)
    figures: FakeFigures = field(default_factory=FakeFigures)
    outside: FakeWeb = field(default_factory=FakeWeb)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)
    tokens: FakeTokens = field(init=False)
    directory: FakeNumberDirectory = field(init=False)
    twin: FakeTwin = field(default_factory=FakeTwin)
    numbers: FakeNumbers = field(default_factory=FakeNumbers)
    sleep: Callable[[float], None] = lambda _: None
    now: Callable[[], datetime] = lambda: NOW
    terminal: bool = False
    backend: Callable[[Mapping[str, Any]], Answer] = lambda event: EchoBackend().answer(event)
    asked: list[BackendSettings] = field(default_factory=list)
    opened: list[FakeTarget] = field(default_factory=list)
    browsed: list[str] = field(default_factory=list)
    until_interrupted: Callable[[], None] = lambda: None
    tenant: str | None = None

    def __post_init__(self) -> None:
        self.tokens = FakeTokens(self.accounts)
        self.directory = FakeNumberDirectory(self.store)

    @classmethod
    def on(cls, *tenants: ManagedTenant, numbers: Sequence[str] = ()) -> "Command":
        """With one tenant, which every command names; with none or several, a test does. `numbers` are of `desk`."""
        store = FakeTenantStore.of(*tenants)
        for number in numbers:
            store.hold(number, tenant_id=tenants[0].id)
        return cls(store, tenant=tenants[0].id if len(tenants) == 1 else None)

    def world(self) -> CommandWorld:
        """The world of its runs, and of operators' functions."""
        return CommandWorld(
            open_target=self._open,
            interactive=lambda: self.terminal,
            now=self.now,
            sleep=self.sleep,
            phones=lambda: self.twin,
            numbers=self._numbers,
            outside=self.outside,
            accounts=lambda _: self.accounts,
            tokens=lambda _: self.tokens,
            messages=lambda _: {"twilio": self.messages},
            open_backend=self._open_backend,
            open_browser=self.browsed.append,
            until_interrupted=self.until_interrupted,
        )

    def run(
        self, *args: str, typed: str = "", environment: Mapping[str, str] | None = None, charset: str = "utf-8"
    ) -> Result:
        """Runs it with `typed` on its standard input; whatever it does not turn into a sentence fails the test."""
        named = self.tenant is None or "--tenant" in args or args[:1] in _OF_ALL_TENANTS
        options = [] if named else ["--tenant", str(self.tenant)]
        runner = CliRunner(charset=charset, env=environment)
        return runner.invoke(app, [*options, *args], input=typed, obj=self.world(), catch_exceptions=False)

    def json(self, *args: str, typed: str = "") -> Any:  # noqa: ANN401 - whatever JSON it prints
        """What it prints with --json when it succeeds."""
        result = self.run(*args, "--json", typed=typed)
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    def declined(self, *args: str, typed: str = "") -> str:
        """The one sentence on standard error with which it declines; nothing may be on standard output."""
        result = self.run(*args, typed=typed)
        assert result.exit_code == 1, result.output
        assert result.stdout == ""
        lines = [line for line in result.stderr.splitlines() if not line.startswith(("This changes ", "This makes "))]
        assert len(lines) == 1, lines
        return lines[0]

    def _numbers(self, twilio_url: str | None) -> dict[str, FakeNumbers]:
        self.numbers.urls.append(twilio_url)
        return {"twilio": self.numbers}

    def _open_backend(self, settings: BackendSettings, _: BackendDependencies) -> Backend:
        self.asked.append(settings)
        return FakeBackend(self.backend)

    def _open(self, stage: Stage, *, local: bool) -> Target:
        target = FakeTarget(
            store=self.store,
            numbers_directory=self.directory,
            base_urls=self.base_urls,
            stacks=self.stacks,
            parking=self.parking,
            promises=self.promises,
            opt_outs=self.opt_outs,
            usage=self.usage[stage],
            sessions=self.sessions,
            journal=self.journal,
            queues=self.queues,
            dead=self.dead,
            logs=self.logs if stage == "east" else self.far_logs,
            audit=self.audit,
            inspected=self.inspected,
            text_records=self.stored[stage],
            settings=self.settings,
            figures=self.figures,
            stage=stage,
            local=local,
            twilio_url="http://127.0.0.1:8" if local else None,
            failing_logs=self.failing_logs,
        )
        self.opened.append(target)
        return target
