"""Reading the audit log: one stage, one time, and only the tenant that was named."""

from datetime import timedelta

import pytest

from operations.audit.reading import changes_since
from shared.errors import CommandDeclined
from tests import fakes
from tests.fakes import NOW
from tests.unit.cli.command import Command
from tests.unit.operations.operators import operator


def audited() -> Command:
    command = Command.on(fakes.managed_tenant())
    command.audit.kept = [
        {"time": (NOW - timedelta(hours=hours)).isoformat(), "tenant": tenant, "what": what}
        for hours, tenant, what in ((50, "acme", "old"), (3, "acme", "a"), (2, "other", "b"), (1, None, "c"))
    ]
    return command


@pytest.mark.parametrize(("tenant", "what"), [(None, ["a", "b", "c"]), ("acme", ["a"]), ("nobody", [])])
def test_gives_the_records_of_the_time_and_of_the_tenant_that_was_named(tenant: str | None, what: list[str]) -> None:
    records = changes_since(operator(audited(), tenant=tenant), NOW - timedelta(days=1))
    assert [record["what"] for record in records] == what


def test_a_log_that_is_not_there_is_no_empty_one() -> None:
    command = audited()
    command.audit.failing = CommandDeclined("stage east has no audit log")
    with pytest.raises(CommandDeclined, match="no audit log"):
        changes_since(operator(command), NOW)
