"""`sms number connect` and `sms number disconnect`: numbers' webhooks at their provider, set and put back."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from cli.commands.number import show_result
from cli.context import Invocation
from cli.options.numbers import STANDARD_INPUT, Country, Numbers, NumbersFrom, read_numbers_or_all
from cli.secret_lines import SecretLine
from operations.numbers import connecting, disconnecting, summary
from operations.numbers.batch import FailedNumber
from operations.numbers.connect import Plan
from operations.numbers.connecting import PlannedConnection, PlannedConnections
from operations.numbers.disconnecting import PlannedDisconnection
from operations.numbers.drift import TAKE_OVER
from operations.numbers.owned_numbers import describe_plan
from shared.errors import CommandDeclined

app = typer.Typer()


@app.command()
def connect(  # noqa: PLR0913 -- one option a choice
    ctx: typer.Context,
    numbers: Numbers = None,
    *,
    agent: Annotated[
        str | None,
        typer.Option(
            help="The agent's name; not needed for numbers that an agent has already. Without numbers: all that it has."
        ),
    ] = None,
    numbers_from: NumbersFrom = None,
    key_from_stdin: Annotated[
        bool,
        typer.Option(
            "--key-from-stdin",
            help="Use this API key, read from standard input or a hidden prompt, instead of the one that the agent's "
            "numbers have.",
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
    """Set the webhooks of one number or many at Twilio, so that their texts come to their agent.

    Shows first what is and what will be, and asks once. The numbers of an agent have one API key, which is made with
    the first of them and shown nowhere; a key that works already stays. It can be run again at any time: it does what
    is left, or nothing. A number that cannot be connected does not stop the others.
    """
    run: Invocation = ctx.obj.changing()
    if key_from_stdin and numbers_from == STANDARD_INPUT:
        message = "standard input cannot hold both the API key and the numbers; put the numbers into a file"
        raise CommandDeclined(message)
    addresses = read_numbers_or_all(run, numbers, numbers_from, country, agent)
    key = run.secrets(SecretLine("API key"))[0] if key_from_stdin else None
    planned = connecting.plan(run, addresses, agent=agent, key=key, take_over=take_over)
    _show_plans(run, planned)
    planned.check_possible()
    failed: list[FailedNumber] = []
    if planned.to_change:
        administration = run.editing()
        run.confirm(_question("Connect", len(planned.to_change), of=len(addresses)))
        failed = connecting.carry_out(run, administration, planned)
    if len(addresses) == 1:
        run.output.record(_connected(run, planned.numbers[0]))
    else:
        _show_connected(run, planned, [*planned.impossible, *failed])


@app.command()
def disconnect(  # noqa: PLR0913 -- one option a choice
    ctx: typer.Context,
    numbers: Numbers = None,
    *,
    agent: Annotated[str | None, typer.Option(help="Without numbers: all that the agent with this name has.")] = None,
    numbers_from: NumbersFrom = None,
    force: Annotated[
        bool, typer.Option("--force", help="Put the former webhooks back also over what somebody else set.")
    ] = False,
    country: Country = "US",
) -> None:
    """Put the former webhooks of one number or many back.

    Shows first what is and what will be, and asks once. The agents keep the numbers, and their API keys go on working
    for their other numbers. A number that cannot be disconnected does not stop the others.
    """
    run: Invocation = ctx.obj.changing()
    addresses = read_numbers_or_all(run, numbers, numbers_from, country, agent)
    planned = disconnecting.plan(run, addresses, force=force)
    if len(addresses) == 1:
        _show(run, planned.numbers[0].plan)
    else:
        _show_many(run, {each.number: each.plan for each in planned.numbers}, planned.failed, "disconnected")
    failed: list[FailedNumber] = []
    if planned.numbers:
        run.announce_change()
        run.confirm(_question("Disconnect", len(planned.numbers), of=len(addresses)))
        failed = disconnecting.carry_out(run, planned)
    if len(addresses) == 1:
        run.output.record(_disconnected(run, planned.numbers[0]))
        return
    failed_numbers = {failure.number for failure in failed}
    done = [each for each in planned.numbers if each.number not in failed_numbers]
    result: dict[str, object] = {"disconnected": len(done)}
    if run.output.as_json:
        result["numbers"] = [_disconnected(run, each) for each in done]
    show_result(run, result, [*planned.failed, *failed])


def _question(verb: str, count: int, *, of: int) -> str:
    if of == 1:
        return f"{verb} the number like this?"
    return f"{verb} {count} of {of} numbers like this?" if count < of else f"{verb} the {count} numbers like this?"


def _show_plans(run: Invocation, planned: PlannedConnections) -> None:
    """Shows what will change: of a single number everything, of many how many numbers change in the same way."""
    if len(planned.numbers) == 1 and not planned.failed:
        _show(run, planned.numbers[0].plan)
    else:
        plans = {each.number: each.plan for each in planned.to_change}
        done = len(planned.numbers) + len(planned.failed) - len(planned.impossible) - len(plans)
        if done:
            run.output.note(f"Numbers that are as they should be already: {done}.")
        _show_many(run, plans, planned.impossible, "connected")
    _show_kept(run, planned.keeps)


def _show_many(run: Invocation, plans: Mapping[str, Plan], impossible: Sequence[FailedNumber], participle: str) -> None:
    """Shows how many numbers change in the same way, and which ones cannot be `connected` or `disconnected`."""
    if plans:
        run.output.plan(list(summary.describe(summary.alike(plans))))
    if impossible:
        run.output.plan(_failures(run, impossible[: summary.GROUPS_MAX]))
        run.output.note(f"Numbers that cannot be {participle} and stay as they are: {len(impossible)}.")
    _show_kept(run, {sentence: None for plan in plans.values() for sentence in plan.keeps})


def _show(run: Invocation, plan: Plan) -> None:
    if plan.changes:
        run.output.plan(describe_plan(plan.changes))
    else:
        run.output.note("There is nothing to do: all is as it should be.")
    _show_kept(run, plan.keeps)


def _show_kept(run: Invocation, sentences: Sequence[str] | Mapping[str, None]) -> None:
    for sentence in sentences:
        run.output.note(f"{sentence[0].upper()}{sentence[1:]}.")


def _show_connected(run: Invocation, planned: PlannedConnections, failed: Sequence[FailedNumber]) -> None:
    failed_numbers = {failure.number for failure in failed}
    connected = [each for each in planned.numbers if each.number not in failed_numbers]
    result: dict[str, object] = {"connected": len(connected)}
    if run.output.as_json:
        result["numbers"] = [_connected(run, each) for each in connected]
    show_result(run, result, failed)


def _failures(run: Invocation, failed: Sequence[FailedNumber]) -> list[Mapping[str, object]]:
    return [{"number": each.number, "why": run.output.hints.completed(str(each.error))} for each in failed]


def _connected(run: Invocation, planned: PlannedConnection) -> Mapping[str, object]:
    return _result(run, planned.plan, {"number": planned.number, "agent": planned.agent, "connected": True})


def _disconnected(run: Invocation, planned: PlannedDisconnection) -> Mapping[str, object]:
    return _result(run, planned.plan, {"number": planned.number, "connected": False})


def _result(run: Invocation, plan: Plan, record: dict[str, object]) -> dict[str, object]:
    """What was changed; with `--json` the plan too, which people have seen already."""
    return {**record, "changes": describe_plan(plan.changes)} if run.output.as_json else record
