"""The command as an operator types it, on tenants in memory."""

import json
from dataclasses import dataclass, field
from typing import Any

from typer.testing import CliRunner, Result

from cli.app import app
from cli.invocation import World
from cli.target import Stage, Target
from shared.tenant import Tenant
from tests.fakes import NOW
from tests.unit.administration_fakes import FakeTenantStore

BASE_URLS = {
    "east": "https://a1.execute-api.us-east-1.amazonaws.com/east",
    "south": "https://b2.execute-api.us-east-2.amazonaws.com/south",
}


@dataclass
class FakeTarget:
    """`cli.target.Target` without AWS; remembers what was opened."""

    store: FakeTenantStore
    base_urls: dict[str, str]
    stacks: dict[str, dict[str, str]]
    stage: str = ""
    local: bool = False

    @property
    def region(self) -> str:
        return {"east": "us-east-1", "south": "us-east-2"}[self.stage]

    def whereabouts(self) -> str:
        return f"AWS account 111122223333, region {self.region}, stage {self.stage}"

    def base_url(self, stage: str) -> str | None:
        return self.base_urls.get(stage)

    def outputs(self, stage: str) -> dict[str, str] | None:
        return self.stacks.get(stage)


@dataclass
class Command:
    """Runs `sms …`.

    Attributes:
        store: the tenants.
        base_urls: of the stages that are deployed.
        stacks: the outputs of the stages that are deployed.
        terminal: whether an operator sits in front of it.
        opened: the targets that were used.
    """

    store: FakeTenantStore
    base_urls: dict[str, str] = field(default_factory=BASE_URLS.copy)
    stacks: dict[str, dict[str, str]] = field(default_factory=lambda: {"east": {}, "south": {}})
    terminal: bool = False
    opened: list[FakeTarget] = field(default_factory=list)

    @classmethod
    def on(cls, *tenants: Tenant) -> "Command":
        return cls(FakeTenantStore.of(*tenants))

    def run(self, *args: str, typed: str = "") -> Result:
        """Runs it with `typed` on its standard input; whatever it does not turn into a sentence fails the test."""
        world = World(open_target=self._open, interactive=lambda: self.terminal, now=lambda: NOW, sleep=lambda _: None)
        return CliRunner().invoke(app, list(args), input=typed, obj=world, catch_exceptions=False)

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
        lines = [line for line in result.stderr.splitlines() if not line.startswith("This changes ")]
        assert len(lines) == 1, lines
        return lines[0]

    def _open(self, stage: Stage, *, local: bool) -> Target:
        self.opened.append(FakeTarget(self.store, self.base_urls, self.stacks, stage, local))
        return self.opened[-1]
