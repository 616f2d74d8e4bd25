"""A key for a probe: made for it, and revoked in any case."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from operations.operator import Operator
from operations.tenants import edits
from operations.tenants.editor import Administration
from shared.errors import Configuration, Declined, NotFound, Unavailable
from shared.tenants import api_keys
from shared.tenants.tenant import Credential, Role, Tenant

NAME = "doctor probe"

_LEFT = timedelta(minutes=10)  # a doctor is done by then, so an older key is one that a crash left


def texting_role(tenant: Tenant) -> Role | None:
    """An active role that may text, or None."""
    return next((role for role in (Role.WRITER, Role.MANAGER) if role in tenant.roles_active), None)


@contextmanager
def own_key(
    operator: Operator, writing: Administration, tenant: Tenant, role: Role, *, left: Callable[[str, str], object]
) -> Iterator[str]:
    """A fresh API key; `left` hears why it could not be revoked, and its credential's name.

    Raises Unavailable, Declined.
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
        except (Unavailable, Configuration, Declined) as error:
            left(f"the key for the probe could not be revoked: {error}", name)


def _add(credential: Credential, now: datetime) -> edits.Edit:
    """Adds the doctor's credential, and takes away what a crash left of an earlier one."""

    def edit(tenant: Tenant) -> Tenant:
        kept = tuple(one for one in tenant.credentials if not _is_left(one, now))
        return edits.add_credential(credential)(replace(tenant, credentials=kept))

    return edit


def _is_left(credential: Credential, now: datetime) -> bool:
    return credential.name.startswith(f"{NAME} ") and now - datetime.fromisoformat(credential.created) > _LEFT
