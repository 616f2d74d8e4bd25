"""An API key for a probe: created for it, and revoked afterwards in any case."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from operations.operator import Operator
from operations.tenants import edits
from operations.tenants.editor import Administration
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import CommandDeclined, Configuration, NotFound, Unavailable
from shared.tenants import api_keys
from shared.tenants.tenant import Credential, Role, Tenant

NAME = "doctor probe"

_AGE_MAX = timedelta(minutes=10)  # a probe is over by then, so an older key was left behind by a crash


def texting_role(tenant: Tenant) -> Role | None:
    """An active role that may text, or None."""
    return next((role for role in (Role.WRITER, Role.MANAGER) if role in tenant.roles_active), None)


@contextmanager
def own_key(
    operator: Operator, writing: Administration, tenant: Tenant, role: Role, *, on_failure: Callable[[str, str], object]
) -> Iterator[str]:
    """A new API key, which is revoked at the end.

    Args:
        operator: the stage, and the clock.
        writing: changes the tenant.
        tenant: the tenant.
        role: the key's role.
        on_failure: called when the key could not be revoked, with the reason and the credential's name.

    Raises Unavailable, CommandDeclined.
    """
    name = f"{NAME} {secrets.token_hex(4)}"
    credential, key = api_keys.issue(tenant.id, name, role, operator.world.now())
    try:
        writing.change(tenant.id, _add(credential, operator.world.now()))
        yield key
    finally:
        try:
            writing.change(tenant.id, edits.revoke_credential(name))
        except NotFound:
            pass
        except (Unavailable, Configuration, CommandDeclined) as error:
            on_failure(f"the key for the probe could not be revoked: {error}", name)


def _add(credential: Credential, now: datetime) -> edits.Edit:
    """Adds the credential for the probe, and removes those that crashes left behind."""

    def edit(tenant: ManagedTenant) -> ManagedTenant:
        credentials = tuple(other for other in tenant.credentials if not _is_leftover(other, now))
        return edits.add_credential(credential)(replace(tenant, credentials=credentials))

    return edit


def _is_leftover(credential: Credential, now: datetime) -> bool:
    return credential.name.startswith(f"{NAME} ") and now - datetime.fromisoformat(credential.created) > _AGE_MAX
