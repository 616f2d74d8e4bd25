"""`./sms local`: the local stack, up and down."""

import json

import typer

from cli.local import stack, state
from cli.local.daemons import NotReadyError

app = typer.Typer(help="The whole system on this computer: a local AWS, both stages, and a twin of Twilio.")


@app.command()
def up() -> None:
    """Start the local AWS and the twin, and deploy both stages; quick when they are up already."""
    try:
        started = stack.up(lambda step: typer.echo(step, err=True))
    except NotReadyError as error:
        typer.echo(f"The local stack could not be started.\n{error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(_shown(started))


@app.command()
def down() -> None:
    """Stop exactly what `up` started."""
    stack.down(typer.echo)


@app.command()
def status() -> None:
    """Say what runs; exit code 1 when the local stack is not up."""
    present = state.load()
    if present is None or not present.alive:
        typer.echo("The local stack is not up. Start it with: ./sms local up")
        raise typer.Exit(1)
    typer.echo(_shown(present))


def _shown(present: state.State) -> str:
    stages = {name: stage.base_url for name, stage in present.stages.items()}
    return json.dumps({"aws_endpoint": present.aws_endpoint, "twin_url": present.twin_url, "stages": stages}, indent=2)
