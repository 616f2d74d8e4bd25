"""`sms number`: which agent a phone number belongs to."""

from typing import Annotated

import typer

from cli.context import Invocation
from operations.numbers.phone_number import LENGTH_MAX, normalise
from operations.tenants import agent_edits

app = typer.Typer(help="Numbers: each belongs to one agent.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="NUMBER", help=f"As people type it, up to {LENGTH_MAX} characters.")]
Country = Annotated[str, typer.Option(metavar="CC", help="The country of a number that does not begin with +.")]


@app.command()
def assign(
    ctx: typer.Context,
    number: Number,
    agent: Annotated[str, typer.Option(help="The agent's name.")],
    country: Country = "US",
) -> None:
    """Give an agent a number."""
    run: Invocation = ctx.obj.changing()
    e164 = normalise(number, country)
    run.change(agent_edits.assign_number(e164, agent))
    run.output.record({"number": e164, "agent": agent})


@app.command()
def release(ctx: typer.Context, number: Number, country: Country = "US") -> None:
    """Take a number from its agent."""
    run: Invocation = ctx.obj.changing()
    e164 = normalise(number, country)
    run.change(agent_edits.release_number(e164))
    run.output.record({"released": e164})


@app.command("list")
def list_numbers(ctx: typer.Context) -> None:
    """List the tenant's numbers."""
    run: Invocation = ctx.obj
    numbers = [
        {"number": number, "agent": agent.name, "region": agent.region}
        for agent in run.read().agents
        for number in agent.numbers
    ]
    run.output.records(numbers, none="No agent has a number yet; give it one with: sms number assign")
