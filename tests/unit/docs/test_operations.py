"""docs/operations.md explains every event, field, metric, reason and exit code that there is, and invents none."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from handlers.responses import STATUSES
from operations.tracing.outcomes import TraceState
from shared import errors
from shared.messages.inbound import Misdirection
from shared.reasons import Reason
from shared.telemetry import BY, LogEvent
from tests.unit.docs.test_docs import SERVERLESS, rows, template
from tests.unit.docs.test_parking import LEAVING_ALONE, PARKING

ROOT = Path(__file__).parents[3]
OPERATIONS = ROOT / "docs" / "operations.md"
HANDLERS = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "handlers").glob("*.py"))]
NO_FIELDS = {"level", "measured"}
ALWAYS = {"tenant", "correlation_id", "timestamp"}
CHOSEN: dict[str, set[Reason]] = {
    errors.InvalidSignature.__name__: set(get_args(errors.SignatureReason)),
    errors.NotOurs.__name__: set(get_args(errors.OwnershipReason)),
}
"""The reasons of errors that have several."""
REJECTING = {
    kind.__name__: CHOSEN.get(kind.__name__) or {kind.reason} for kind in errors.RequestRefused.__subclasses__()
}
TRIED_AGAIN = {
    errors.Unavailable.reason,
    errors.BackendUnavailable.reason,
    errors.JournalUnavailable.reason,
    errors.InProgress.reason,
    errors.InDoubt.reason,
    errors.Configuration.reason,
    errors.Defect.reason,
    errors.Malformed.reason,
}
UNSENT = {Reason.OPTED_OUT, Reason.UNREACHABLE}
SENT_AGAIN = Reason.PROVIDER_UNAVAILABLE
"""Why a message that the provider took is sent again."""


def told(heading: str) -> set[str]:
    return set(rows(OPERATIONS, heading))


def recorded_fields() -> set[str]:
    """What the handlers name when they write a line, the ids that they put together, and what acts add."""
    calls = [node for tree in HANDLERS for node in ast.walk(tree) if isinstance(node, ast.Call)]
    writing = [call for call in calls if getattr(call.func, "attr", "") in {"record", "failed"}]
    named = {word.arg for call in writing for word in call.keywords if word.arg} - NO_FIELDS
    assert named > {"request_id", "reason"}
    return named


def gateway() -> dict[str, str]:
    answers = template("infra/gateway.yml")["template"]["Resources"].values()
    return {one["Properties"]["ResponseType"]: one["Properties"]["StatusCode"] for one in answers}


def test_every_event_is_explained() -> None:
    assert told("event") == set(LogEvent)


def test_every_state_of_a_text_is_explained() -> None:
    """`answered` alone is none: then its messages say how far it is."""
    assert told("state") == set(TraceState) - {TraceState.ANSWERED}


def test_who_writes_an_event_is_a_function() -> None:
    for event, (by, *_) in rows(OPERATIONS, "event").items():
        assert by == "all" or set(by.split(", ")) <= set(SERVERLESS["functions"]), event


def test_every_metric_is_explained_with_its_unit_and_its_dimension() -> None:
    assert told("metric") == set(BY)
    for name, (unit, by, _) in rows(OPERATIONS, "metric").items():
        assert by.strip("`") == (BY[name] or ""), name
        assert (unit == "milliseconds") == name.endswith("Ms"), name


def test_every_field_that_a_line_may_have_is_explained() -> None:
    cells = OPERATIONS.read_text(encoding="utf-8").partition("| field |")[2].partition("\n\n")[0]
    names = {name for line in cells.splitlines() for name in re.findall(r"`([a-z_]+)`", line.partition(" | ")[0])}
    fields = recorded_fields() | ALWAYS
    assert not fields - names, f"docs/operations.md does not tell what {sorted(fields - names)} in a line means"
    source = "".join(path.read_text() for folder in ("handlers", "shared") for path in (ROOT / folder).rglob("*.py"))
    invented = {name for name in names - {"level", "timestamp"} if not re.search(rf"\b{name}\b", source)}
    assert not invented, f"docs/operations.md invents {sorted(invented)}"


def test_every_reason_for_refusing_is_explained_with_its_status() -> None:
    by_reason = {str(reason): name for name, reasons in REJECTING.items() for reason in reasons}
    assert told("refused for") == set(by_reason)
    for reason, (status, *_) in rows(OPERATIONS, "refused for").items():
        kind = getattr(errors, by_reason[reason])
        assert int(status) == STATUSES[kind], f"{reason} is answered with {STATUSES[kind]}"


def test_no_kind_of_refusal_is_without_a_reason() -> None:
    assert {name for name, reasons in REJECTING.items() if not reasons} == set()
    assert REJECTING["InvalidSignature"] == {
        "missing_signature",
        "unknown_account",
        "invalid_signature",
        "ambiguous_signature",
    }


def test_everything_that_the_gateway_says_itself_is_explained_with_its_status() -> None:
    assert {name: cells[0] for name, cells in rows(OPERATIONS, "gateway").items()} == gateway()


def test_every_other_reason_is_explained() -> None:
    assert told("other reason") == LEAVING_ALONE | TRIED_AGAIN | {
        Reason.OPTED_OUT,
        Reason.UNREACHABLE,
        SENT_AGAIN,
    } | set(Misdirection)


def test_no_reason_is_without_an_explanation() -> None:
    assert set(Reason) - set(rows(PARKING, "reason")) <= told("refused for") | told("other reason")
    assert set(Reason) >= told("refused for")


def test_other_reasons_belong_to_events() -> None:
    for reason, (events, *_) in rows(OPERATIONS, "other reason").items():
        assert set(events.split(", ")) <= set(LogEvent), reason


def test_every_exit_code_is_explained() -> None:
    found = {int(code) for code in told("exit code")}
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "cli").rglob("*.py"))
    constants = dict(re.findall(r"^([A-Z_]+) = (\d+)$", sources, re.MULTILINE))
    raised = re.findall(r"typer\.Exit\((\w+)\)", sources)
    assert raised
    assert {int(constants.get(code, code)) for code in raised} | {0, 1, 2} == found


@pytest.mark.parametrize("heading", ["event", "refused for", "gateway", "other reason"])
def test_every_row_says_in_sentences_what_it_means_and_what_to_do(heading: str) -> None:
    for name, (_, means, do) in rows(OPERATIONS, heading).items():
        assert means.endswith((".", "?")), name
        assert do.endswith((".", "?", "`")), name
