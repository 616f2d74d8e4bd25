"""`sms tenant`: who owns credentials, accounts and agents."""

from contextlib import suppress
from dataclasses import replace
from typing import Annotated

import typer

from cli.context import Invocation
from operations.tenants import edits, lifecycle
from operations.tenants.choice import all_tenants
from operations.tenants.records import describe_listed, describe_tenant
from shared.errors import InvalidValue, NotFound
from shared.tenants.tenant import Role, SignatureMode

app = typer.Typer(help="Tenants: each owns credentials, accounts and agents.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="3 to 32 lower-case letters and digits.")]
ChosenId = Annotated[str | None, typer.Argument(metavar="[ID]", help="The tenant, as with --tenant.")]
_NONE = "There is no tenant yet; make one with: ./sms setup"

Roles = Annotated[
    str | None, typer.Option(metavar="ROLE,ROLE…", help="The roles that credentials may have: Reader, Writer, Manager.")
]
Signature = Annotated[
    SignatureMode | None,
    typer.Option(help="enforce: refuse texts without a valid signature. observe: accept and count them."),
]


@app.command()
def create(ctx: typer.Context, tenant_id: Id, roles: Roles = None, signature: Signature = None) -> None:
    """Make a tenant."""
    run: Invocation = ctx.obj
    edit = edits.update(roles_active=read_roles(roles), signature_mode=signature)
    created = run.creating(tenant_id).create(tenant_id, edits=[edit])
    run.output.record(describe_tenant(created))


@app.command("list")
def list_tenants(ctx: typer.Context) -> None:
    """List all tenants, those included that were deleted and can be restored."""
    run: Invocation = ctx.obj
    run.output.records([describe_listed(record) for record in all_tenants(run.target.store)], none=_NONE)


@app.command()
def show(ctx: typer.Context, tenant_id: ChosenId = None) -> None:
    """Show what a tenant has."""
    run = _invocation(ctx, tenant_id)
    run.output.record(describe_tenant(run.read()))


@app.command()
def update(ctx: typer.Context, tenant_id: ChosenId = None, roles: Roles = None, signature: Signature = None) -> None:
    """Change which roles are active, or the signature mode."""
    run = _invocation(ctx, tenant_id).changing()
    if roles is None and signature is None:
        message = "say what to change: --roles or --signature"
        raise typer.BadParameter(message)
    edit = edits.update(roles_active=read_roles(roles), signature_mode=signature)
    run.output.record(describe_tenant(run.change(edit)))


@app.command()
def delete(ctx: typer.Context, tenant_id: Id) -> None:
    """Delete a tenant with all that it owns. Its API keys and the texts to its numbers are refused within two minutes.

    For seven days it can be restored. Its id and its numbers are not free until it is erased, with `tenant purge`.
    """
    run = _invocation(ctx, tenant_id)
    run.announce_change()
    with suppress(NotFound):  # a deletion that was interrupted is finished without asking again
        tenant = run.read()
        run.confirm(
            f"Delete tenant {tenant.id} with all its credentials ({len(tenant.credentials)}), "
            f"accounts ({len(tenant.accounts)}) and agents ({len(tenant.agents)})?"
        )
    lifecycle.delete(run)
    run.output.record({"deleted": tenant_id})
    run.output.note(f"To undo it within seven days: sms tenant restore {tenant_id}")


@app.command()
def restore(ctx: typer.Context, tenant_id: Id) -> None:
    """Undo the deletion of a tenant, within seven days. Everything that it owns is there again."""
    run = _invocation(ctx, tenant_id)
    run.announce_change()
    lifecycle.restore(run)
    run.output.record({"restored": tenant_id})


@app.command()
def purge(ctx: typer.Context, tenant_id: Id) -> None:
    """Erase a deleted tenant now. It cannot be restored any more; its id and its numbers are free."""
    run = _invocation(ctx, tenant_id)
    run.announce_change()
    run.confirm(f"Erase all that is left of tenant {tenant_id} for good, and free its numbers?")
    lifecycle.purge(run)
    run.output.record({"purged": tenant_id})


def read_roles(text: str | None) -> tuple[Role, ...] | None:
    """The roles in a comma-separated list, in upper or lower case; None for None. Raises InvalidValue."""
    if text is None:
        return None
    by_name = {role.lower(): role for role in Role}
    names = [name.strip().lower() for name in text.split(",")]
    if not set(names) <= by_name.keys():
        message = f"roles: give some of {', '.join(Role)}, with commas between them"
        raise InvalidValue(message)
    return tuple(by_name[name] for name in names)


def _invocation(ctx: typer.Context, tenant_id: str | None) -> Invocation:
    run: Invocation = ctx.obj
    return run if tenant_id is None else replace(run, tenant=tenant_id)
