"""All of a tenant's numbers and connections, read from the directory in pages."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from operations.numbers.described_number import DescribedNumber
from operations.ports import NumberDirectory, Page
from shared.tenants.connection import Connection

T = TypeVar("T")

PAGE_SIZE = 1000


def numbers_of(directory: NumberDirectory, tenant_id: str, agent_id: str | None = None) -> Iterator[DescribedNumber]:
    """The numbers of the tenant, or of one agent. Raises Unavailable."""
    return _all(lambda after: directory.page(tenant_id, agent_id, after=after, limit=PAGE_SIZE))


def connections_of(
    directory: NumberDirectory, tenant_id: str, *, credential_id: str | None = None
) -> Iterator[Connection]:
    """The connections of the tenant, or those with one credential's key. Raises Unavailable, Configuration."""
    return _all(
        lambda after: directory.connections(tenant_id, credential_id=credential_id, after=after, limit=PAGE_SIZE)
    )


def _all(read: Callable[[str | None], Page[T]]) -> Iterator[T]:
    after = None
    while True:
        page = read(after)
        yield from page.items
        if (after := page.next) is None:
            return
