"""Which tenant a command works on when none is named: the only one."""

from collections.abc import Iterator
from itertools import islice

from operations.ports import TenantStore
from shared.errors import CommandDeclined, NotFound
from shared.tenants.record import TenantRecord

_NONE = "there is no tenant yet; make one with: ./sms setup"
_NAMED_MAX = 10
_PAGE = 100


def all_tenants(store: TenantStore) -> Iterator[TenantRecord]:
    """All tenants in the order of their ids, those that were deleted included. Raises Unavailable, Configuration."""
    after = None
    while True:
        page = store.page(after=after, limit=_PAGE)
        yield from page.items
        if (after := page.next) is None:
            return


def only_tenant(store: TenantStore) -> str:
    """The id of the only tenant. Those that were deleted do not count.

    Raises NotFound when there is none, CommandDeclined when there are several, Unavailable, Configuration.
    """
    ids = list(islice((record.id for record in all_tenants(store) if record.deleted_at is None), _NAMED_MAX + 1))
    if not ids:
        raise NotFound(_NONE)
    if len(ids) > 1:
        names = ", ".join(ids[:_NAMED_MAX]) + (" …" if len(ids) > _NAMED_MAX else "")
        message = f"there are several tenants; choose one with --tenant: {names}"
        raise CommandDeclined(message)
    return ids[0]
