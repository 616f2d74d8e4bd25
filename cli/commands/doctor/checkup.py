"""`sms doctor`: every check of a stage, from outside and inside, one after the other."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Annotated

import typer

from cli.context import FOUND_WRONG, Invocation
from operations.health import inside, misdirected, outside, probing, provider
from operations.health.finding import Check, Finding, Patient, Verdict, findings, wrong
from shared.errors import Configuration, Unavailable
from shared.tenants.tenant import Tenant

_STACK: dict[str, Check] = {"stack": inside.stack}
_TENANT: dict[str, Check] = {"tenant": inside.copies, "document": inside.document, "account": provider.accounts}
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
    "other webhooks": misdirected.misdirected,
}
_PROBE: dict[str, Check] = {"key": probing.probing}
_MARKS = {Verdict.GOOD: ("✔", "green"), Verdict.WARNING: ("‼", "yellow"), Verdict.WRONG: ("✖", "red")}


LookOnly = Annotated[
    bool, typer.Option("--look-only", help="Change nothing: no key of the doctor's own, and no probe.")
]


def check_up(
    ctx: typer.Context,
    *,
    look_only: LookOnly = False,
) -> None:
    """Check a stage from outside and inside, and say of all that is wrong what to do.

    It makes a key of its own and sends a probe, which no backend gets, and revokes the key. ✔ is good, ‼ should be
    looked at or could not be checked, ✖ is wrong.

    Exit code 0 when nothing is wrong, 3 when something is.
    """
    if ctx.invoked_subcommand is not None:
        return
    run: Invocation = ctx.obj
    found = []
    for one in _all(run, look_only=look_only):
        finding = replace(one, do=run.output.hints.completed(one.do))
        found.append(finding)
        if not run.output.as_json:
            _show(run, finding)
    if run.output.as_json:
        run.output.records([asdict(finding) for finding in found], none="")
    if any(finding.verdict is Verdict.WRONG for finding in found):
        raise typer.Exit(FOUND_WRONG)


def _all(run: Invocation, *, look_only: bool) -> Iterator[Finding]:
    before = Patient(run, {}, None)
    yield from _each(_STACK, before)
    outputs = run.target.outputs(run.stage)
    try:
        tenant = _tenant(run)
        readable = True
    except (Unavailable, Configuration) as error:
        yield wrong("tenant", str(error), "texts cannot be taken either: see Secrets Manager, and your own rights")
        tenant, readable = None, False
    patient = Patient(run, outputs or {}, tenant)
    if readable:
        yield from _each(_TENANT, patient)
    if outputs is None:
        return
    yield from _each(_STAGE, patient)
    if readable and not look_only:
        yield from _each(_PROBE, patient)


def _each(checks: dict[str, Check], patient: Patient) -> Iterator[Finding]:
    for name, check in checks.items():
        yield from findings(name, check, patient)


def _tenant(run: Invocation) -> Tenant | None:
    """The tenant that was named, or the only one; None when there is none.

    Raises Declined when there are several, Unavailable, Configuration.
    """
    if run.tenant is None and not list(run.target.store.ids()):
        return None
    return run.read()


def _show(run: Invocation, finding: Finding) -> None:
    mark, style = _MARKS[finding.verdict]
    run.output.verdict(mark, style, f"{finding.check}: {finding.seen}", finding.do)
