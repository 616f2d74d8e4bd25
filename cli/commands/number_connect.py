"""`sms number connect` and `sms number disconnect`: a number's webhooks at its provider, set and put back."""

from typing import Annotated

import typer

from cli.commands.number import Country, Number
from cli.context import Invocation
from cli.secret_lines import SecretLine
from operations.numbers import connecting, disconnecting
from operations.numbers.connect import Plan
from operations.numbers.drift import TAKE_OVER
from operations.numbers.owned_numbers import describe_plan
from operations.numbers.phone_number import normalise

app = typer.Typer()


@app.command()
def connect(  # noqa: PLR0913 -- one option a choice
    ctx: typer.Context,
    number: Number,
    *,
    agent: Annotated[
        str | None, typer.Option(help="The agent's name; not needed when an agent has the number already.")
    ] = None,
    key_from_stdin: Annotated[
        bool,
        typer.Option(
            "--key-from-stdin",
            help="Use this API key, read from standard input or a hidden prompt, instead of one for the number alone.",
        ),
    ] = False,
    take_over: Annotated[
        bool,
        typer.Option(
            TAKE_OVER, help="Take the texts from the TwiML application or the Messaging Service that gets them now."
        ),
    ] = False,
    country: Country = "US",
) -> None:
    """Set a number's webhooks at Twilio, so that its texts come to its agent.

    Shows first what is and what will be, and asks. The API key is made for the number and shown nowhere; one that
    works already stays. It can be run again at any time: it does what is left, or nothing.
    """
    run: Invocation = ctx.obj.changing()
    e164 = normalise(number, country)
    agent_name = agent or connecting.agent_with(run.read(), e164)
    key = run.secrets(SecretLine("API key"))[0] if key_from_stdin else None
    planned = connecting.plan(run, e164, agent=agent_name, key=key, take_over=take_over)
    _show(run, planned.plan)
    planned.check_possible()
    if planned.plan.changes:
        administration = run.editing()
        run.confirm("Connect the number like this?")
        connecting.carry_out(run, administration, planned)
    run.output.record(_result(run, planned.plan, {"number": e164, "agent": agent_name, "connected": True}))


@app.command()
def disconnect(
    ctx: typer.Context,
    number: Number,
    force: Annotated[
        bool, typer.Option("--force", help="Put the former webhooks back also over what somebody else set.")
    ] = False,
    country: Country = "US",
) -> None:
    """Put a number's former webhooks back, and revoke the API key that was made for it.

    Shows first what is and what will be, and asks. The agent keeps the number.
    """
    run: Invocation = ctx.obj.changing()
    e164 = normalise(number, country)
    planned = disconnecting.plan(run, e164, force=force)
    _show(run, planned.plan)
    administration = run.editing()
    run.confirm("Disconnect the number like this?")
    disconnecting.carry_out(run, administration, planned)
    run.output.record(_result(run, planned.plan, {"number": e164, "connected": False}))


def _show(run: Invocation, plan: Plan) -> None:
    if plan.changes:
        run.output.plan(describe_plan(plan.changes))
    else:
        run.output.note("There is nothing to do: all is as it should be.")
    for sentence in plan.keeps:
        run.output.note(f"{sentence[0].upper()}{sentence[1:]}.")


def _result(run: Invocation, plan: Plan, record: dict[str, object]) -> dict[str, object]:
    """What was changed; with `--json` the plan too, which people have seen already."""
    return {**record, "changes": describe_plan(plan.changes)} if run.output.as_json else record
