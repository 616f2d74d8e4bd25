"""`sms credential rotate`: replaces an API key while texts are accepted all the time."""

from typing import Annotated

import typer

from cli.commands.credential import SHOWN_ONCE, Name
from cli.context import Invocation
from operations import durations
from operations.rotation import credential_rotation
from operations.rotation.credential_rotation import PlannedCredentialRotation

app = typer.Typer()


@app.command()
def rotate(
    ctx: typer.Context,
    name: Name,
    quiet: Annotated[
        str | None,
        typer.Option(
            metavar="AGE",
            help="How long the old key must have been unused: 90s, 2h. 10m for a key of numbers alone, else 1d.",
        ),
    ] = None,
) -> None:
    """Replace an API key with a new one. At no moment is a text refused.

    Makes a new credential beside the old one, gives its key to every number that has the old one, and revokes the old
    one once the logs of both stages show that it is unused. For a key that only numbers have it waits. If programs may
    have the key, it shows the new one once and stops: put it there, and run the command again a day later.

    Whatever interrupts it, the same command goes on from there.
    """
    run: Invocation = ctx.obj.changing()
    planned = credential_rotation.plan(run, name, unused_for=durations.read(quiet) if quiet else None)
    run.output.plan(credential_rotation.describe(planned.rotation))
    administration = run.editing()
    run.confirm("Rotate the key like this?")
    rotated = credential_rotation.carry_out(run, administration, planned)
    if rotated.key is not None:
        _hand_out(run, planned, rotated.key)
        return
    run.output.record({"rotated": rotated.old.name, "id": rotated.new.id, "revoked": rotated.old.id})


def _hand_out(run: Invocation, planned: PlannedCredentialRotation, key: str) -> None:
    old, new = planned.rotation.old, planned.rotation.new.credential
    run.output.record(
        {
            "APIKEY": key,
            "name": new.name,
            "role": new.role.value,
            "id": new.id,
            "tenant": run.tenant_id,
            "instead_of": old.name,
        }
    )
    run.output.note(SHOWN_ONCE)
    run.output.note(credential_rotation.next_step(planned))
