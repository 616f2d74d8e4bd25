"""`sms number connect` and `sms number disconnect`: a number's webhooks at its provider, set and put back."""

from typing import Annotated

import typer

from cli.commands import url
from cli.commands.number import Country, Number
from cli.context import Invocation
from cli.secret_lines import SecretLine
from operations.audit.entries import Change, masked
from operations.numbers import connect as connecting
from operations.numbers import drift
from operations.numbers.connect import Plan
from operations.numbers.disconnect import disconnect as plan_to_disconnect
from operations.numbers.drift import TAKE_OVER, Key
from operations.numbers.lookup import Found, find, find_one, plan_of, to_be_finished
from operations.numbers.phone_number import normalise
from operations.tenants import edits
from shared.errors import Conflict, Declined, Unavailable
from shared.tenants import api_keys
from shared.tenants.tenant import Role, Tenant

_CHANGED = "somebody changed something of it meanwhile, so nothing was changed; run the command again to see"

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
    tenant = run.read()
    chosen = agent or _agent_with(tenant, e164)
    spare = _key(run, tenant, e164, given=key_from_stdin)
    bases = url.deployed(run.target)

    def plan_for(tenant: Tenant, there: Found) -> Plan:
        return connecting.connect(tenant, there.number, chosen, bases, spare, take_over=take_over)

    plan = plan_for(tenant, find_one(run, tenant, e164))
    _show(run, plan)
    if plan.obstacles:
        raise Declined("; ".join(plan.obstacles))
    if plan.changes:
        writing = run.editing()
        run.confirm("Connect the number like this?")
        there = find_one(run, run.read(), e164)

        def edit(tenant: Tenant) -> Tenant:
            again = plan_for(tenant, there)
            if again.changes != plan.changes:
                raise Conflict(_CHANGED)
            return again.edit(tenant)

        tenant = writing.change(run.tenant_id, edit)
        with to_be_finished("connecting"):
            there.provider.set_webhooks(there.account, there.number, plan.webhooks)
            if plan.service:
                there.provider.set_on_number(there.account, plan.service, on_number=True)
            run.record(Change("number.set_webhooks", tenant.id, {"number": masked(e164)}))
            left = drift.drift(tenant, e164, find_one(run, tenant, e164).number, bases)
            if left:
                message = f"Twilio still has something else: {', '.join(change.what for change in left)}"
                raise Unavailable(message)
    run.output.record(_done(run, plan, {"number": e164, "agent": chosen, "connected": True}))


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
    tenant = run.read()
    plan, _ = _plan_to_disconnect(run, tenant, e164, force=force)
    _show(run, plan)
    writing = run.editing()
    run.confirm("Disconnect the number like this?")
    again, there = _plan_to_disconnect(run, run.read(), e164, force=force)
    if again.changes != plan.changes:
        raise Conflict(_CHANGED)
    with to_be_finished("disconnecting"):
        if there:
            if plan.service:
                there.provider.set_on_number(there.account, plan.service, on_number=False)
            there.provider.set_webhooks(there.account, there.number, again.webhooks)
            run.record(Change("number.set_webhooks", tenant.id, {"number": masked(e164)}))
    writing.change(run.tenant_id, again.edit)
    run.output.record(_done(run, plan, {"number": e164, "connected": False}))


def _agent_with(tenant: Tenant, number: str) -> str:
    holder = tenant.agent_at(number)
    if holder is None:
        message = "no agent has this number yet; say who is to get its texts: --agent NAME"
        raise Declined(message)
    return holder.name


def _key(run: Invocation, tenant: Tenant, number: str, *, given: bool) -> Key:
    """The key that was given, or a new one in case none is there. Raises InvalidKey, ForbiddenRole, Declined."""
    if given:
        [text] = run.secrets(SecretLine("API key"))
        return Key(api_keys.texting_credential(tenant, text), text)
    name = connecting.credential_name(tenant, number)
    return Key(*api_keys.issue(tenant.id, name, Role.WRITER, run.world.now()), is_new=True)


def _plan_to_disconnect(run: Invocation, tenant: Tenant, number: str, *, force: bool) -> tuple[Plan, Found | None]:
    connection = tenant.connection(number)
    accounts = [edits.account_named(tenant, connection.account)] if connection else []
    there = find(run, accounts, [number]).get(number)
    return plan_to_disconnect(tenant, number, there.number if there else None, force=force), there


def _show(run: Invocation, plan: Plan) -> None:
    if plan.changes:
        run.output.plan(plan_of(plan.changes))
    else:
        run.output.note("There is nothing to do: all is as it should be.")
    for sentence in plan.keeps:
        run.output.note(f"{sentence[0].upper()}{sentence[1:]}.")


def _done(run: Invocation, plan: Plan, record: dict[str, object]) -> dict[str, object]:
    """What was done; people have seen the plan."""
    return {**record, "changes": plan_of(plan.changes)} if run.output.as_json else record
