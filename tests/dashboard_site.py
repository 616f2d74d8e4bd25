"""The page over a world in memory, for tests with Flask's client and for those with a real browser."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from dashboard.app import create_app
from dashboard.desk import Desk
from operations.stage.names import FUNCTIONS, QUEUES, STAGES, queue_output
from operations.tracing.text_record import TextRecord
from shared.messages.outbound import PARKED, Parked, Reply
from shared.messages.usage import UsageOwner
from tests.fakes import DESK, NOW, OUR_NUMBER
from tests.unit.cli.command import Command
from tests.unit.cli.test_audit import MEMBER, prepared
from tests.unit.cli.test_parked import TEXT as PARKED_TEXT
from tests.unit.cli.test_tracing import ALL, TEXT
from tests.unit.messages.outbound_events import outbound

KEY = "the-key-of-this-run"
HOST = "127.0.0.1:8123"
OWN = {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
"""The headers with which a browser posts a form of the page itself."""

EXAMPLES: dict[str, dict[str, str]] = {
    "work": {"job_id": "none"},
    "credentials.revoke": {"credential_id": MEMBER.id},
    "credentials.rotate": {"credential_id": MEMBER.id},
    "parked.event": {"event_id": PARKED_TEXT.id},
    "parked.replay": {"event_id": PARKED_TEXT.id},
    "parked.discard": {"event_id": PARKED_TEXT.id},
    **{f"agents.{view}": {"agent_id": DESK.id} for view in ("agent", "change", "clone", "delete", "ask")},
    "numbers.number": {"number": OUR_NUMBER},
    "numbers.describe": {"number": OUR_NUMBER},
    "texts.text": {"text_id": TEXT},
    "texts.replay": {"text_id": TEXT},
}
"""What the tests of every page put into URLs that have a part of their own, by endpoint."""


def busy() -> Command:
    """A world in which every page has something to show."""
    command = prepared()
    command.stacks = {stage: {queue_output(name): name[:-5] for name in QUEUES} for stage in STAGES}
    count_some_usage(command)
    trace_a_text(command)
    command.figures.points = {
        "Accepted": [(NOW, 5.0)],
        "Answered": [(NOW, 5.0)],
        "Delivered": [(NOW, 4.0)],
        "ReplyFailed": [(NOW, 1.0)],
    }
    return command


def trace_a_text(command: Command) -> None:
    """A text that was answered, and whose first message is parked on stage east."""
    command.logs = {function: [line for line in ALL if line.function == function] for function in FUNCTIONS}
    event = outbound(TEXT, text="It is on its way.")
    parked = Parked("acme", f"{TEXT}-1", "outbound", "g", "provider_refused", "Twilio said no", OUR_NUMBER, NOW, event)
    reply = Reply("acme", f"{TEXT}-1", DESK.name, "c", TEXT, NOW, status=PARKED, rank=-1, error_code=21408)
    command.stored["east"].kept["acme", TEXT] = TextRecord(messages=1, replies={"1": reply}, parked=[parked])
    command.parking.park(parked)


def count_some_usage(command: Command) -> None:
    """Usage of two days on both stages: texts, messages and failures of an agent, and a failure of nobody."""
    desk = UsageOwner("acme", OUR_NUMBER, DESK.id, DESK.name)
    east, south = (command.usage[stage].counted for stage in STAGES)
    for number in range(3):
        east.count(desk.received(f"SM{number}", 1, NOW))
        east.count(desk.sent(f"SM{number}", 2, NOW))
    south.count(desk.received("SM3", 1, NOW - timedelta(days=1)))
    south.count(desk.failed("SM3", "backend_refused", NOW - timedelta(days=1)))
    east.count(UsageOwner("acme", OUR_NUMBER).failed("SM4", "no_agent", NOW))
    east.count(desk.failed("SM0-1", "not_delivered", NOW))


@dataclass
class Site:
    """The page as a browser that has its key sees it.

    Attributes:
        command: the world.
        tenant: the tenant that the run names, if any.
        reports: the sentences about defects.
    """

    command: Command
    tenant: str | None = None
    reports: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app: Flask = create_app(
            Desk(
                self.command.world(),
                "east",
                local=False,
                tenant=self.tenant,
                key=KEY,
                hosts=frozenset({HOST, "localhost:8123"}),
                report=self.reports.append,
            )
        )
        self.client = self.stranger()
        self.client.set_cookie("sms_dashboard_8123", KEY, domain="127.0.0.1")

    def stranger(self) -> FlaskClient:
        """A browser that does not have the key."""
        return self.app.test_client()

    def get(self, path: str, **arguments: Any) -> TestResponse:  # noqa: ANN401 - whatever the client takes
        return self.client.get(path, base_url=f"http://{HOST}", buffered=True, **arguments)

    def post(
        self, path: str, data: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> TestResponse:
        """Posts a form, by default as the page itself does."""
        sent = OWN if headers is None else headers
        return self.client.post(path, base_url=f"http://{HOST}", data=data or {}, headers=sent)

    def followed(self, answer: TestResponse) -> str:
        """The page that an answer leads to."""
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["Location"]).text


def rules(app: Flask, method: str) -> list[Rule]:
    """The page's own rules of a method."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ()) and rule.endpoint not in {"static", "open_with_key"}
    ]


def cases(app: Flask, rules_of_method: Iterable[Rule]) -> list[ParameterSet]:
    """An example of a URL of each rule, for tests that are named after the rule: ids in URLs may differ each run."""
    return [pytest.param(url(app, rule), id=rule.rule) for rule in rules_of_method]


def url(app: Flask, rule: Rule) -> str:
    """An example of a URL of the rule."""
    assert not rule.arguments or rule.endpoint in EXAMPLES, f"say what stands in {rule.rule} in EXAMPLES"
    with app.test_request_context(base_url=f"http://{HOST}"):
        return app.url_for(rule.endpoint, _external=False, **EXAMPLES.get(rule.endpoint, {}))
