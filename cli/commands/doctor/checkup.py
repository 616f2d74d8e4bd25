"""`sms doctor`: every check of a stage, from outside and inside, one after the other."""

from dataclasses import asdict, replace
from typing import Annotated

import typer

from cli.context import FOUND_WRONG, Invocation
from operations.health import checkup
from operations.health.finding import CheckVerdict, Finding
from operations.health.first import CHECKS
from operations.health.sendable import sendable

_MARKS = {CheckVerdict.GOOD: ("✔", "green"), CheckVerdict.WARNING: ("‼", "yellow"), CheckVerdict.WRONG: ("✖", "red")}


First = Annotated[
    bool,
    typer.Option(
        "--first",
        help="After the first deployment: check also what only AWS itself can show. It takes minutes and an "
        "administrator's credentials; its output hides names, and can be sent in.",
    ),
]
LookOnly = Annotated[bool, typer.Option("--look-only", help="Change nothing: make no key, and send no probe.")]


def check_up(
    ctx: typer.Context,
    *,
    look_only: LookOnly = False,
    first: First = False,
) -> None:
    """Check a stage from outside and inside, and say what to do about all that is wrong.

    It makes a key of its own, sends a probe that no backend receives, and revokes the key. ✔ is good, ‼ should be
    looked at or could not be checked, ✖ is wrong.

    Exit code 0 when nothing is wrong, 3 when something is.
    """
    if ctx.invoked_subcommand is not None:
        return
    run: Invocation = ctx.obj
    findings = []
    hide = sendable(run) if first else _as_it_is
    for finding in checkup.check_up(run, look_only=look_only, further=CHECKS if first else {}):
        completed = hide(replace(finding, do=run.output.hints.completed(finding.do)))
        findings.append(completed)
        if not run.output.as_json:
            _show(run, completed)
    if run.output.as_json:
        run.output.records([asdict(finding) for finding in findings], none="")
    if first:
        run.output.note("docs/first-deploy.md has what no command can see.")
    if any(finding.verdict is CheckVerdict.WRONG for finding in findings):
        raise typer.Exit(FOUND_WRONG)


def _as_it_is(finding: Finding) -> Finding:
    return finding


def _show(run: Invocation, finding: Finding) -> None:
    mark, style = _MARKS[finding.verdict]
    run.output.verdict(mark, style, f"{finding.check}: {finding.seen}", finding.do)
