"""docs/security.md says how long everything is kept as the template and the code have it, and knows each change."""

import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from operations.audit.entries import REVEAL, between
from operations.tenants.secret_lifecycle import RECOVERY_DAYS
from shared.aws import backend_states, sessions, tries
from shared.aws.tenant_secrets import secret_name
from shared.tenants.agent import SESSION_SECONDS_MAX
from shared.tenants.directory_items import TABLE
from shared.tenants.record import SecretPart
from tests.unit.cli.test_audit import CHANGING
from tests.unit.docs.test_docs import PARAMETERS, SERVERLESS, template
from tests.unit.operations.audit.test_entries import BEFORE, PLACES, other

SECURITY = Path(__file__).parents[3] / "docs" / "security.md"
TEXT = SECURITY.read_text(encoding="utf-8")
RESTORABLE = timedelta(days=35)
"""Where nothing else is said (DynamoDB API, PointInTimeRecoverySpecification)."""


def cells(first: str) -> dict[str, list[str]]:
    """The table whose first heading this is: each row's other cells by its first one."""
    table = TEXT.partition(f"\n| {first} |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {row[0]: row[1:] for row in rows}


KEPT = {where.replace("`", ""): told[1] for where, told in cells("where").items()}
QUEUES = template("infra/queues.yml")["Resources"]
STATE = template("infra/state.yml")["Resources"]
AUDIT = template("infra/audit.yml")["Resources"]


def name(text: str) -> str:
    """A resource's name in the template as the page has it."""
    return text.replace("${self:service}", "sms-receiver").replace("${sls:stage}", "<stage>")


def seconds(parameter: str) -> timedelta:
    value = PARAMETERS[parameter]
    assert isinstance(value, int)
    return timedelta(seconds=value)


def days(value: object) -> timedelta:
    """Days that the template gives itself or by a parameter."""
    parameter = re.fullmatch(r"\$\{param:(\w+)\}", str(value))
    return timedelta(days=int(str(PARAMETERS[parameter[1]] if parameter else value)))


def kept() -> dict[str, timedelta]:
    """How long at the most everything is kept that the stack holds, by the template and the code."""
    claims, state = (name(STATE[table]["Properties"]["TableName"]) for table in ("ClaimsTable", "StateTable"))
    longest: dict[str, timedelta] = {
        claims: seconds("claimLifeSeconds"),
        f"{state}: parked": seconds("parkedLifeSeconds"),
        f"{state}: replies": seconds("claimLifeSeconds"),
        f"{state}: promises": seconds("claimLifeSeconds"),
        f"{state}: opt-outs": seconds("claimLifeSeconds"),  # a START; a STOP stays
        f"{state}: sessions, limits": timedelta(seconds=SESSION_SECONDS_MAX) + sessions._KEPT_AFTER_END,  # noqa: SLF001
        f"{state}: usage": days("${param:usageLifeDays}"),
        f"{state}: counted": seconds("claimLifeSeconds"),
        f"{state}: backends": backend_states._LIFE,  # noqa: SLF001
        f"{state}: tries": tries._LIFE,  # noqa: SLF001
        "restore points of these tables": RESTORABLE,
        TABLE: RESTORABLE,
        "/aws/lambda/sms-receiver-<stage>-<function>": days(SERVERLESS["provider"]["logRetentionInDays"]),
        "/aws/api-gateway/sms-receiver-<stage>": days(SERVERLESS["provider"]["logRetentionInDays"]),
        **{secret_name("<tenant>", part): timedelta(days=RECOVERY_DAYS) for part in SecretPart},
    }
    for queue in QUEUES.values():
        properties: dict[str, Any] = queue["Properties"]
        longest[name(properties["QueueName"])] = timedelta(seconds=properties["MessageRetentionPeriod"])
    group = AUDIT["AuditLogGroup"]["Properties"]
    return longest | {name(group["LogGroupName"]): days(group["RetentionInDays"])}


@pytest.mark.parametrize(("where", "longest"), kept().items())
def test_says_how_long_it_is_kept_at_the_most(where: str, longest: timedelta) -> None:
    told = next((told for place, told in KEPT.items() if where in place.split(", ") or where == place), None)
    assert told, f"docs/security.md does not say how long {where} keeps something"
    assert re.search(rf"\b{longest.days} days", told), f"{where}: {longest.days} days at the most, not: {told}"


def test_invents_no_place() -> None:
    real = set(kept()) | {"AWS X-Ray"}
    told = {place for where in KEPT for place in ([where] if where in real else where.split(", "))}
    assert told == real


def test_both_tables_can_be_restored_for_as_long_as_aws_does_by_itself() -> None:
    for table in STATE.values():
        assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_says_so_where_somebody_may_wait_for_all_to_be_gone() -> None:
    life = seconds("claimLifeSeconds").days
    assert f"kept for {life} days, and can be restored for {RESTORABLE.days} more" in " ".join(TEXT.split())


def test_explains_every_change_that_the_audit_log_may_tell_and_no_other() -> None:
    told = {word for cell in cells("what") for word in re.findall(r"`([a-z]+\.[a-z_]+)`", cell)}
    commands = {word for _, _, words in CHANGING.values() for word in words}
    afters = [
        place(other(thing, one.name))
        for thing, place in PLACES
        for one in fields(thing)
        if one.name not in {"id", "provider"}
    ]
    edits = {change.what for after in afters for change in (*between(BEFORE, after), *between(after, BEFORE))}
    assert told == commands | edits | {REVEAL}
