"""Which checks run, in which order, and that nobody waits for the last one to see the first."""

from operations.health.checkup import check_up
from shared.errors import Unavailable
from tests.unit.cli.doctor.stage import healthy
from tests.unit.operations.operators import operator

ORDER = [
    *("stack", "directory", "tenant", "secrets", "auth token", "REST key", "account"),
    *("challenge", "clock", "wrong key", "domain", "queue inbound", "queue outbound", "crashed", "parked", "alarms"),
    *("listeners", "triggers", "concurrency", "log role", "throttles", "other webhooks", "replies", "numbers"),
    *("key", "unsigned request", "signed probe", "arrival"),
]


def test_the_stack_comes_first_and_the_probe_that_changes_something_last() -> None:
    findings = check_up(operator(healthy()), look_only=False)
    assert list(dict.fromkeys(finding.check for finding in findings)) == ORDER


def test_a_finding_is_there_before_the_next_check_runs() -> None:
    command = healthy()
    findings = check_up(operator(command), look_only=False)
    assert next(findings).check == "stack"
    assert not command.outside.asked
    assert next(finding for finding in findings if finding.check == "challenge")
    assert len(command.outside.asked) == 1


def test_looking_only_changes_nothing() -> None:
    command = healthy()
    before = command.store.stored()
    findings = list(check_up(operator(command), look_only=True))
    assert findings[-1].check == "numbers"
    assert command.store.stored() == before
    assert command.audit.kept == []


def test_a_stage_that_is_not_deployed_is_checked_no_further_than_its_tenant() -> None:
    command = healthy()
    command.stacks.clear()
    checks = {finding.check for finding in check_up(operator(command), look_only=False)}
    assert checks == {"stack", "directory", "tenant", "secrets", "auth token", "REST key", "account"}
    assert not command.outside.asked


def test_without_a_readable_tenant_no_probe_is_sent() -> None:
    command = healthy()
    command.store.failing = Unavailable("Secrets Manager does not answer")
    findings = list(check_up(operator(command), look_only=False))
    assert [finding.seen for finding in findings if finding.check == "tenant"] == ["Secrets Manager does not answer"]
    assert not {"secrets", "account", "key"} & {finding.check for finding in findings}
