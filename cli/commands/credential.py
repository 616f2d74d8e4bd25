"""`sms credential`: names and roles for API keys."""

from typing import Annotated

import typer

from cli.context import Invocation
from operations.tenants import edits
from operations.tenants.credentials import create_credential, use_of
from operations.tenants.records import describe_credential
from shared.tenants.tenant import Role

SHOWN_ONCE = "Keep the key now: it is shown only once and stored nowhere."

ROLE_HELP = "Writer: may text, in webhooks and programs. Manager: the same here. Reader: may not text."

app = typer.Typer(help="Credentials: a name, a role and an API key each.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The credential's name.")]


@app.command()
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Option(help="Up to 64 characters, no other credential's.")],
    role: Annotated[Role, typer.Option(case_sensitive=False, help=ROLE_HELP)],
) -> None:
    """Make a credential and show its API key once."""
    run: Invocation = ctx.obj.changing()
    credential, key = create_credential(run, name, role)
    run.output.record(
        {"APIKEY": key, "name": credential.name, "role": role.value, "id": credential.id, "tenant": run.tenant_id}
    )
    run.output.note(SHOWN_ONCE)


@app.command("list")
def list_credentials(ctx: typer.Context) -> None:
    """List the tenant's credentials."""
    run: Invocation = ctx.obj
    credentials = [describe_credential(credential) for credential in run.read().credentials]
    run.output.records(credentials, none="There is no credential yet; make one with: sms credential create")


@app.command()
def show(ctx: typer.Context, name: Name) -> None:
    """Show a credential; its key cannot be shown again."""
    run: Invocation = ctx.obj
    run.output.record(describe_credential(edits.credential_named(run.read(), name)))
    run.output.note("The key was shown once and cannot be shown again: make a new credential, then revoke this one.")


@app.command()
def revoke(ctx: typer.Context, name: Name) -> None:
    """Revoke a credential. Its key stops working within two minutes.

    It asks first when the key is in use: when numbers are connected with it, or something came with it in the last day.
    """
    run: Invocation = ctx.obj.changing()
    in_use = list(use_of(run, edits.credential_named(run.read(), name)).sentences())
    administration = run.editing()
    if in_use:
        run.confirm(f"{' '.join(in_use)} Revoke {name!r}?")
    administration.change(run.tenant_id, edits.revoke_credential(name))
    run.output.record({"revoked": name})
