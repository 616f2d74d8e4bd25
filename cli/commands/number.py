"""`sms number`: which agent a phone number belongs to, or another address that people can text."""

from collections.abc import Sequence
from typing import Annotated

import typer

from cli.context import Invocation
from cli.options.numbers import Country, Number, Numbers, NumbersFrom, read_numbers
from cli.output import Record
from operations.numbers import holding, typed_address
from operations.numbers.batch import FailedNumber
from operations.numbers.described_number import DESCRIPTION_MAX, check_description
from shared.errors import NotFound

DESCRIPTION_HELP = f"What it is for, up to {DESCRIPTION_MAX} characters; only operators see it."

app = typer.Typer(help="Numbers: each belongs to one agent.", no_args_is_help=True)


@app.command()
def assign(  # noqa: PLR0913 -- the options
    ctx: typer.Context,
    numbers: Numbers = None,
    *,
    agent: Annotated[str, typer.Option(help="The agent's name.")],
    description: Annotated[str | None, typer.Option(help=DESCRIPTION_HELP)] = None,
    numbers_from: NumbersFrom = None,
    country: Country = "US",
) -> None:
    """Give an agent one number, or many: also a short code, or the address of a WhatsApp, RCS or Messenger sender.

    Many numbers, each with a description of its own: sms number import.
    """
    addresses = read_numbers(ctx.obj, numbers, numbers_from, country)
    run: Invocation = ctx.obj.changing()
    failed = holding.assign(run, addresses, agent, description=description)
    if len(addresses) == 1:
        run.output.record({"number": addresses[0], "agent": agent})
        return
    show_result(run, {"agent": agent, "assigned": len(addresses) - len(failed)}, failed)


@app.command()
def describe(
    ctx: typer.Context,
    number: Number,
    description: Annotated[str, typer.Argument(metavar="DESCRIPTION", help=DESCRIPTION_HELP)],
    country: Country = "US",
) -> None:
    """Note down what a number is for; "" takes the description away. The agent and its backend do not see it."""
    address = typed_address.read_ours(number, country)
    run: Invocation = ctx.obj.changing()
    holding.describe(run, address, description)
    run.output.record({"number": address, "description": check_description(description) or None})


@app.command()
def release(
    ctx: typer.Context, numbers: Numbers = None, numbers_from: NumbersFrom = None, country: Country = "US"
) -> None:
    """Take one number, or many, from the agents that have them."""
    addresses = read_numbers(ctx.obj, numbers, numbers_from, country)
    run: Invocation = ctx.obj.changing()
    failed = holding.release(run, addresses)
    if len(addresses) == 1:
        run.output.record({"released": addresses[0]})
        return
    show_result(run, {"released": len(addresses) - len(failed)}, failed)


@app.command("list")
def list_numbers(
    ctx: typer.Context,
    agent: Annotated[str | None, typer.Option(help="Only the numbers of the agent with this name.")] = None,
    search: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only numbers with this in them or in their description.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="The most numbers to list; without it, all.")] = None,
    after: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Go on after this number, the last one of an earlier list.")
    ] = None,
) -> None:
    """List the tenant's numbers, agent by agent, in the order of the numbers.

    All are listed, however many they are: each thousand is shown as soon as it is read. With many numbers use --agent,
    or --limit with --after, or `number find` for a single one.
    """
    run: Invocation = ctx.obj
    position = typed_address.read(after) if after else None
    pages = holding.list_numbers(run, agent=agent, search=search, after=position, limit=limit)
    records = ([number.describe() for number in page] for page in pages)
    if not run.output.pages(records):
        run.output.note(
            "There is no such number."
            if search
            else "There is no number to list; give one to an agent with: sms number assign"
        )


@app.command()
def find(ctx: typer.Context, number: Number, country: Country = "US") -> None:
    """Show which tenant and agent have a number, and its description."""
    run: Invocation = ctx.obj
    holder = holding.find(run, typed_address.read(number, country))
    if holder is None:
        message = "no tenant has this number; give it to an agent with: sms number assign"
        raise NotFound(message)
    run.output.record(holder.describe())


def show_result(run: Invocation, result: Record, failed: Sequence[FailedNumber]) -> None:
    """Shows what was done with many numbers, and those with which it failed. Raises typer.Exit when one failed."""
    records: list[Record] = [
        {"number": failure.number, "why": run.output.hints.completed(str(failure.error))} for failure in failed
    ]
    if run.output.as_json:
        run.output.record({**result, "failed": records})
    else:
        run.output.record({**result, "failed": len(failed)})
        if records:
            run.output.records(records, none="")
    if failed:
        raise typer.Exit(1)
