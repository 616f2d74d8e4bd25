"""`sms number check`: whether what the provider has for the numbers is what it should be; for people and for cron."""

from typing import Annotated

import typer

from cli.commands import url
from cli.commands.number import Country
from cli.context import FOUND_WRONG, Invocation
from cli.output import Record
from operations.numbers import drift
from operations.numbers.drift import Change
from operations.numbers.lookup import find
from operations.numbers.phone_number import normalise
from shared.tenants.tenant import Tenant

app = typer.Typer()


@app.command()
def check(
    ctx: typer.Context,
    number: Annotated[
        str | None, typer.Argument(metavar="[NUMBER]", help="As people type it; not given, all numbers are checked.")
    ] = None,
    country: Country = "US",
) -> None:
    """Compare what Twilio has for your numbers with what should be; exit code 3 when something differs.

    It changes nothing. It names a webhook that somebody changed, a key that is revoked or unknown, a TwiML application
    or a Messaging Service that takes the texts, and numbers that are gone, never connected or without an agent.
    """
    run: Invocation = ctx.obj
    tenant = run.read()
    numbers = drift.numbers_of(tenant) if number is None else [normalise(number, country)]
    found = find(run, tenant.accounts, numbers)
    bases = url.deployed(run.target)
    results = {one: drift.drift(tenant, one, found[one].number if one in found else None, bases) for one in numbers}
    if run.output.as_json:
        shown = [_in_full(tenant, one, changes) for one, changes in results.items()]
    else:
        shown = [row for one, changes in results.items() for row in _rows(tenant, one, changes)]
    run.output.records(shown, none="There is no number yet; connect one with: sms number connect")
    if any(results.values()):
        run.output.note("To put a number right, see what would change: sms number connect NUMBER")
        raise typer.Exit(FOUND_WRONG)


def _agent(tenant: Tenant, number: str) -> str | None:
    holder = tenant.agent_at(number)
    return holder.name if holder else None


def _in_full(tenant: Tenant, number: str, changes: tuple[Change, ...]) -> Record:
    differences = [{"what": change.what, "is": change.present, "should_be": change.wanted} for change in changes]
    return {"number": number, "agent": _agent(tenant, number), "ok": not changes, "differences": differences}


def _rows(tenant: Tenant, number: str, changes: tuple[Change, ...]) -> list[Record]:
    about: Record = {"number": number, "agent": _agent(tenant, number)}
    if not changes:
        return [{**about, "what": "ok", "is": "", "should_be": ""}]
    return [{**about, "what": change.what, "is": change.present, "should_be": change.wanted} for change in changes]
