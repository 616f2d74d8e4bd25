"""The checks of a stage, from outside and inside: which of them run, in which order, and when to stop."""

from collections.abc import Iterator, Mapping
from functools import partial

from operations.health import (
    failed_replies,
    inside,
    misdirected,
    numbers,
    outside,
    probing,
    provider_accounts,
    stored,
)
from operations.health.finding import Check, CheckedStage, Finding, run_check
from operations.operator import Operator
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import Configuration, NotFound, Unavailable

_STACK: dict[str, Check] = {"stack": inside.stack, "directory": stored.directory}
_TENANT: dict[str, Check] = {"tenant": stored.copies, "secrets": stored.secrets, "account": provider_accounts.accounts}
_STAGE: dict[str, Check] = {
    "challenge": outside.challenge,
    "wrong key": outside.wrong_key,
    "domain": outside.domain,
    "queues": inside.queues,
    "set aside": inside.set_aside,
    "alarms": inside.alarms,
    "listeners": inside.listeners,
    "concurrency": inside.concurrency,
    "log role": inside.log_role,
    "throttles": inside.throttles,
    "other webhooks": misdirected.misdirected,
    "replies": failed_replies.failed_replies,
}
_NUMBERS: dict[str, Check] = {"numbers": numbers.connected}
_PROBE: dict[str, Check] = {"key": probing.probing}
_NO_FURTHER: Mapping[str, Check] = {}


def check_up(operator: Operator, *, look_only: bool, further: Mapping[str, Check] = _NO_FURTHER) -> Iterator[Finding]:
    """The findings, each as soon as its check is done.

    A stage that is not deployed is checked no further than its stack, the directory and its tenant. A tenant that
    cannot be read is a finding of its own; the checks that need the tenant do not run then.

    Args:
        operator: the stage; the tenant that was named, or the only one.
        look_only: whether nothing may change: no key for the probe, no probe, and no repair.
        further: checks to run behind the others.

    Raises CommandDeclined when no tenant was named and there are several; Unavailable when the stack's outputs cannot
    be read.
    """
    bare = CheckedStage(operator, {}, None, look_only)
    yield from _run(_STACK, bare)
    outputs = operator.target.outputs(operator.stage)
    try:
        tenant = _tenant(operator)
        readable = True
    except (Unavailable, Configuration) as error:
        yield from run_check("tenant", partial(stored.unreadable, error=error), bare)
        tenant, readable = None, False
    checked = CheckedStage(operator, outputs or {}, tenant, look_only)
    if readable:
        yield from _run(_TENANT, checked)
    if outputs is None:
        return
    yield from _run(_STAGE, checked)
    if readable:
        yield from _run(_NUMBERS, checked)
    if readable and not look_only:
        yield from _run(_PROBE, checked)
    yield from _run(further, checked)


def _run(checks: Mapping[str, Check], checked: CheckedStage) -> Iterator[Finding]:
    for name, check in checks.items():
        yield from run_check(name, check, checked)


def _tenant(operator: Operator) -> ManagedTenant | None:
    """The tenant that was named, or the only one; None when none was named and there is none.

    Raises CommandDeclined when there are several, Unavailable, Configuration.
    """
    try:
        return operator.read()
    except NotFound:
        if operator.tenant is None:
            return None
        raise
