"""`./sms local`: the local stack, up and down."""

from typing import TYPE_CHECKING

import typer

from cli.output import Output
from cli.rig import check_rig
from operations.stage.advice import LOCAL_STACK_NOT_UP

if TYPE_CHECKING:
    from devstack.state import StackState

app = typer.Typer(
    help="The whole system on this computer: a local AWS, both stages, and a twin of Twilio.",
    callback=check_rig,
)


@app.command()
def up(ctx: typer.Context) -> None:
    """Start the local AWS and the twin, and deploy both stages. It is quick when they are up already."""
    from devstack import stack  # noqa: PLC0415 - it has requirements of its own
    from devstack.daemons import NotReadyError  # noqa: PLC0415

    output: Output = ctx.obj.output
    try:
        started = stack.up(output.note)
    except NotReadyError as error:
        output.error("The local stack could not be started.")
        for line in str(error).splitlines():
            output.note(line)
        raise typer.Exit(1) from None
    _show(output, started)


@app.command()
def down(ctx: typer.Context) -> None:
    """Stop exactly what `up` started."""
    from devstack import stack  # noqa: PLC0415 - likewise

    output: Output = ctx.obj.output
    stack.down(output.note)
    output.record({"up": False})


@app.command()
def status(ctx: typer.Context) -> None:
    """Show what runs, and where. Exit code 1 when the local stack is not up."""
    from devstack import state  # noqa: PLC0415 - likewise

    output: Output = ctx.obj.output
    current_state = state.load()
    if current_state is None or not current_state.alive:
        output.error(LOCAL_STACK_NOT_UP)
        raise typer.Exit(1)
    _show(output, current_state)


def _show(output: Output, state: "StackState") -> None:
    stages = {name: stage.base_url for name, stage in state.stages.items()}
    send_urls = {name: stage.send_url(state.aws_endpoint) for name, stage in state.stages.items()}
    output.record(
        {
            "up": True,
            "aws_endpoint": state.aws_endpoint,
            "twin_url": state.twin_url,
            "stages": stages,
            "send_urls": send_urls,
        }
    )
