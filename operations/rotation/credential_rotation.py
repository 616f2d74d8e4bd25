"""Rotating a credential: the plan for an operator to confirm, and carrying it out without a text refused meanwhile.

`operations/rotation/api_key.py` decides what is left to do. Here the tenant, its numbers and the logs are read, and the
changes made. Whatever interrupts it, planning and carrying it out again goes on from there.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from operations import durations
from operations.audit import entries
from operations.audit.entries import Change, masked
from operations.numbers import summary
from operations.numbers.agent_webhook import deployed_stages
from operations.numbers.connect import Plan
from operations.numbers.drift import Key
from operations.numbers.owned_numbers import NumberStates, describe_plan, find_numbers, resumable, states_of
from operations.numbers.pages import connections_of, numbers_of
from operations.numbers.state import NumberState
from operations.operator import Operator
from operations.rotation import api_key
from operations.rotation.api_key import Rotation, has_key_of
from operations.rotation.waiting import last_use, wait, wait_until_known
from operations.tenants.editor import Administration
from operations.tenants.managed_tenant import ManagedTenant
from operations.tracing.hop import Hop
from shared.errors import CommandDeclined, Conflict, Unavailable
from shared.tenants.tenant import Credential

_UNUSED_OF_NUMBERS, _UNUSED_OF_PROGRAMS = timedelta(minutes=10), timedelta(days=1)
_ROUNDS = 3  # what was on its way when the numbers got the new key may still come with the old one


@dataclass(frozen=True)
class PlannedCredentialRotation:
    """What rotating a credential would change, and what that was decided on.

    Attributes:
        name: the credential's name.
        rotation: what is left to do.
        candidate: the new key to use, if one is still needed.
        unused_for: how long the old key must have been unused before it is revoked.
    """

    name: str
    rotation: Rotation
    candidate: Key
    unused_for: timedelta


@dataclass(frozen=True)
class RotatedCredential:
    """What came of a rotation.

    Attributes:
        old: the credential that was replaced.
        new: the credential that replaces it.
        key: the new key, for the programs that have the old one; None when the old one is revoked already. Nothing
            shows it again.
    """

    old: Credential
    new: Credential
    key: str | None = field(repr=False)


def plan(operator: Operator, name: str, *, unused_for: timedelta | None = None) -> PlannedCredentialRotation:
    """What rotating the credential would change. It changes nothing.

    Args:
        operator: who asks; the tenant must be certain.
        name: the credential's name.
        unused_for: how long the old key must have been unused before it is revoked; None for ten minutes when only
            numbers have it, else a day.

    Raises CommandDeclined, Unavailable, UpstreamRefused, Configuration.
    """
    tenant = operator.read()
    candidate = api_key.issue_successor(tenant, api_key.parties(tenant, name)[0], operator.world.now())
    rotation = _remaining(operator, tenant, name, _states(operator, tenant, name), candidate)
    default = _UNUSED_OF_NUMBERS if rotation.of_numbers_alone else _UNUSED_OF_PROGRAMS
    return PlannedCredentialRotation(name, rotation, candidate, default if unused_for is None else unused_for)


def describe(rotation: Rotation) -> list[Mapping[str, object]]:
    """What will change, as records for the operator: what is made, then the numbers, then what is revoked."""
    *created, revoked = describe_plan(rotation.changes)
    return [*created, *summary.describe(summary.alike(rotation.numbers)), revoked]


def next_step(planned: PlannedCredentialRotation) -> str:
    """What the operator does with a new key that was handed out."""
    name = planned.rotation.old.name
    return (
        f"Put it wherever the key of {name!r} is; both work. When nobody has used the old one for "
        f"{durations.shown(planned.unused_for)}, the same command revokes it: "
        f"sms credential rotate {shlex.quote(name)}"
    )


def carry_out(
    operator: Operator, administration: Administration, planned: PlannedCredentialRotation
) -> RotatedCredential:
    """Rotates the credential as planned, which may take as long as its old key must be unused.

    A key that only numbers have is revoked at the end. A key that programs may have too stays: the new one is handed
    out, and carrying out a later plan revokes the old one.

    Raises Conflict, and changes nothing, when the tenant or a number is not as it was when this was planned; Conflict
    before the old key is revoked, when somebody changed a number or the new credential meanwhile; CommandDeclined
    while the old key is in use, or when a number is not as it was connected; Unavailable when it is not finished;
    Configuration.
    """
    rotation = planned.rotation
    if not rotation.is_settled:
        _exchange(operator, administration, planned)
    if rotation.of_numbers_alone:
        _wait_until_unused(operator, planned)
    elif rotation.is_settled:
        _check_unused(operator, planned)
    else:
        return RotatedCredential(rotation.old, rotation.new.credential, rotation.new.text)
    tenant = operator.read()
    states = _states(operator, tenant, planned.name)
    remaining = _remaining(operator, tenant, planned.name, states, planned.candidate)
    if not remaining.is_settled or remaining.new.credential != rotation.new.credential:
        message = "somebody changed a number or the new credential meanwhile; run the command again"
        raise Conflict(message)
    if operator.target.numbers_directory.connections(tenant.id, credential_id=remaining.old.id, limit=1).items:
        message = f"somebody connected a number with credential {remaining.old.name!r} again; run the command again"
        raise Conflict(message)
    administration.change(operator.tenant_id, api_key.finish(remaining))
    return RotatedCredential(rotation.old, rotation.new.credential, None)


def _exchange(operator: Operator, administration: Administration, planned: PlannedCredentialRotation) -> None:
    """Stores the new credential, and then gives its key to the numbers."""
    rotation, name, candidate = planned.rotation, planned.rotation.old.name, planned.candidate
    states = _states(operator, operator.read(), name)

    def edit(tenant: ManagedTenant) -> ManagedTenant:
        remaining = _remaining(operator, tenant, name, states, candidate)
        if not remaining.is_the_same(rotation):
            message = "somebody changed something meanwhile, so nothing was changed; run the command again to see"
            raise Conflict(message)
        return remaining.edit(tenant)

    administration.change(operator.tenant_id, edit)
    with resumable("rotating"):
        if rotation.numbers:
            wait_until_known(operator, at_most=planned.unused_for)
        for number, number_plan in operator.progress.watched(list(rotation.numbers.items()), "Rotating"):
            _give_key(operator, states, number, number_plan)
        tenant = operator.read()
        if not _remaining(operator, tenant, name, _states(operator, tenant, name), candidate).is_settled:
            message = "Twilio still has something else for a number; see: sms number check"
            raise Unavailable(message)


def _give_key(operator: Operator, states: NumberStates, number: str, plan: Plan) -> None:
    """Stores that a number has the new key, and then gives it to the number at its provider."""
    tenant_id, before = operator.tenant_id, states.by_number[number].connection
    changes: list[Change] = []
    try:
        if plan.connection and plan.connection != before:
            operator.target.numbers_directory.put_connection(tenant_id, plan.connection, instead_of=before)
            changes += entries.of_connection(tenant_id, before, plan.connection)
        owned_number = states.owned[number]
        owned_number.provider.set_webhooks(owned_number.account, owned_number.number, plan.webhooks)
        changes.append(Change("number.set_webhooks", tenant_id, {"number": masked(number)}))
    finally:
        operator.record(*changes)


def _states(operator: Operator, tenant: ManagedTenant, name: str) -> NumberStates:
    """The numbers that were connected with the old key or the new one, and those that have one of them.

    Only a key that was shown can be in the webhook of a number that was not connected with it, so only for such a key
    all numbers of the tenant are looked at.
    """
    directory = operator.target.numbers_directory
    old, successor = api_key.parties(tenant, name)
    pair = [credential for credential in (old, successor) if credential]
    connected = {
        connection.number
        for credential in pair
        for connection in connections_of(directory, tenant.id, credential_id=credential.id)
    }
    others = [] if old.agent_id else [held.address for held in numbers_of(directory, tenant.id)]
    numbers = sorted(connected.union(others))
    owned = find_numbers(operator, tenant.accounts, numbers)
    with_key = [
        number
        for number in numbers
        if number in connected
        or (number in owned and has_key_of(pair, tenant, NumberState(number, at_provider=owned[number].number)))
    ]
    return states_of(operator, owned, with_key)


def _remaining(operator: Operator, tenant: ManagedTenant, name: str, states: NumberStates, candidate: Key) -> Rotation:
    return api_key.rotate(tenant, name, states.by_number, deployed_stages(operator.target), candidate)


def _wait_until_unused(operator: Operator, planned: PlannedCredentialRotation) -> None:
    """Waits, for a key that only numbers have: nobody needs to put the new one anywhere."""
    old = planned.rotation.old
    for _ in range(_ROUNDS):
        begin = operator.world.now()
        wait(operator, planned.unused_for, f"until nothing has come with the old key of {old.name!r} for so long")
        hop = last_use(operator, old.id, begin)
        if hop is None:
            return
        message = _still_used(old, hop)
    raise CommandDeclined(message)


def _check_unused(operator: Operator, planned: PlannedCredentialRotation) -> None:
    """Looks once, for a key that programs may have: somebody brings them the new one, which may take days."""
    now, unused_for = operator.world.now(), planned.unused_for
    age = now - datetime.fromisoformat(planned.rotation.new.credential.created)
    if hop := last_use(operator, planned.rotation.old.id, now - unused_for):
        raise CommandDeclined(_still_used(planned.rotation.old, hop))
    if age < unused_for:
        message = (
            f"the new key was made only {durations.shown(age)} ago, and a program that seldom runs may have the old "
            f"one. Run the command again in {durations.shown(unused_for - age)}, or say --quiet; if nobody kept the "
            "new key, make one more: sms credential create"
        )
        raise CommandDeclined(message)


def _still_used(old: Credential, hop: Hop) -> str:
    return (
        f"the old key of {old.name!r} is still used: last at {hop.time:%Y-%m-%d %H:%M:%S} on stage {hop.stage} "
        f"({hop.function}: {hop.event}). Both keys work; run the command again when its user has the new one"
    )
