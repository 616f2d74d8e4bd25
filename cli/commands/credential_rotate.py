"""`sms credential rotate`: a new key in the place of an old one, and no text refused meanwhile."""

import shlex
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

import typer

from cli.commands.credential import SHOWN_ONCE, Name
from cli.context import Invocation
from operations import durations
from operations.audit.entries import Change, masked
from operations.numbers import drift
from operations.numbers.agent_webhook import deployed_stages
from operations.numbers.drift import Key
from operations.numbers.lookup import OwnedNumber, describe_plan, find_numbers, resumable
from operations.rotation import api_key
from operations.rotation.api_key import Rotation
from operations.rotation.waiting import last_use, wait, wait_until_known
from operations.tenants.editor import Administration
from operations.tracing.hop import Hop
from shared.errors import Conflict, Declined, Unavailable
from shared.tenants.tenant import Tenant

_QUIET, _PROGRAMS_QUIET = timedelta(minutes=10), timedelta(days=1)
_ROUNDS = 3  # what was on its way when the numbers got the new key may still come with the old one

app = typer.Typer()


@app.command()
def rotate(
    ctx: typer.Context,
    name: Name,
    quiet: Annotated[
        str | None,
        typer.Option(
            metavar="AGE",
            help="How long the old key must have been unused: 90s, 2h. 10m for a number's own key, else 1d.",
        ),
    ] = None,
) -> None:
    """Exchange an API key for a new one, without a moment in which a text is refused.

    Makes a new credential beside the old one, gives its key to every number that has the old one, and revokes the old
    one once the logs of both stages show it unused. For a key that was made for a number it waits. A key that programs
    may have it shows once, and stops: put it there, and run the command again a day later.

    Whatever interrupts it, the same command goes on from there.
    """
    run: Invocation = ctx.obj.changing()
    given = durations.read(quiet) if quiet else None
    tenant = run.read()
    spare = api_key.spare(tenant, api_key.parties(tenant, name)[0], run.world.now())
    plan = _planned(run, tenant, name, _find(run, tenant), spare)
    stretch = given if given is not None else _QUIET if plan.of_numbers_alone else _PROGRAMS_QUIET
    run.output.plan(describe_plan(plan.changes))
    writing = run.editing()
    run.confirm("Rotate the key like this?")
    if not plan.is_settled:
        _exchange(run, writing, plan, spare, stretch)
    if plan.of_numbers_alone:
        _wait_until_unused(run, plan, stretch)
    elif plan.is_settled:
        _check_unused(run, plan, stretch)
    else:
        _hand_over(run, plan, stretch)
        return
    tenant = run.read()
    last = _planned(run, tenant, name, _find(run, tenant), spare)
    if not last.is_settled or last.new.credential != plan.new.credential:
        message = "somebody changed a number or the new credential meanwhile; run the command again"
        raise Conflict(message)
    writing.change(run.tenant_id, api_key.finish(last))
    run.output.record({"rotated": plan.old.name, "id": plan.new.credential.id, "revoked": plan.old.id})


def _exchange(run: Invocation, writing: Administration, plan: Rotation, spare: Key, stretch: timedelta) -> None:
    """Brings the new credential into the document, and then its key to the numbers."""
    name = plan.old.name
    there = _find(run, run.read())

    def edit(tenant: Tenant) -> Tenant:
        again = _planned(run, tenant, name, there, spare)
        if again.changes != plan.changes:
            message = "somebody changed something meanwhile, so nothing was changed; run the command again to see"
            raise Conflict(message)
        return again.edit(tenant)

    tenant = writing.change(run.tenant_id, edit)
    with resumable("rotating"):
        if plan.numbers:
            wait_until_known(run, at_most=stretch)
        for number, webhooks in ((number, left.webhooks) for number, left in plan.numbers.items()):
            there[number].provider.set_webhooks(there[number].account, there[number].number, webhooks)
            run.record(Change("number.set_webhooks", tenant.id, {"number": masked(number)}))
        left = _planned(run, tenant, name, _find(run, tenant), spare)
        if not left.is_settled:
            message = "Twilio still has something else for a number; see: sms number check"
            raise Unavailable(message)


def _find(run: Invocation, tenant: Tenant) -> Mapping[str, OwnedNumber]:
    return find_numbers(run, tenant.accounts, drift.numbers_of(tenant))


def _planned(run: Invocation, tenant: Tenant, name: str, there: Mapping[str, OwnedNumber], spare: Key) -> Rotation:
    numbers = {number: found.number for number, found in there.items()}
    return api_key.rotate(tenant, name, numbers, deployed_stages(run.target), spare)


def _wait_until_unused(run: Invocation, plan: Rotation, stretch: timedelta) -> None:
    """For a key that only numbers have: nobody has to do anything but wait."""
    for _ in range(_ROUNDS):
        begin = run.world.now()
        wait(run, stretch, f"until nothing has come with the old key of {plan.old.name!r} for so long")
        used = last_use(run, plan.old.id, begin)
        if used is None:
            return
        message = _still_used(plan, used)
    raise Declined(message)


def _check_unused(run: Invocation, plan: Rotation, stretch: timedelta) -> None:
    """For a key that programs may have: somebody has to bring them the new one, which takes as long as it takes."""
    now = run.world.now()
    age = now - datetime.fromisoformat(plan.new.credential.created)
    if used := last_use(run, plan.old.id, now - stretch):
        raise Declined(_still_used(plan, used))
    if age < stretch:
        message = (
            f"the new key was made only {durations.shown(age)} ago, and a program that is seldom at work may have the "
            f"old one. Run the command again in {durations.shown(stretch - age)}, or say --quiet; if nobody kept the "
            "new key, make one more: sms credential create"
        )
        raise Declined(message)


def _hand_over(run: Invocation, plan: Rotation, stretch: timedelta) -> None:
    new = plan.new
    run.output.record(
        {
            "APIKEY": new.text,
            "name": new.credential.name,
            "role": new.credential.role.value,
            "id": new.credential.id,
            "tenant": run.tenant_id,
            "instead_of": plan.old.name,
        }
    )
    run.output.note(SHOWN_ONCE)
    run.output.note(
        f"Put it wherever the key of {plan.old.name!r} is; both work. When nobody has used the old one for "
        f"{durations.shown(stretch)}, the same command revokes it: sms credential rotate {shlex.quote(plan.old.name)}"
    )


def _still_used(plan: Rotation, used: Hop) -> str:
    return (
        f"the old key of {plan.old.name!r} is still used: last at {used.time:%Y-%m-%d %H:%M:%S} on stage {used.stage} "
        f"({used.function}: {used.event}). Both keys work; run the command again when whoever it is has the new one"
    )
