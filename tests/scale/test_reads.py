"""How often the Lambdas read many tenants from AWS, and how often when each read all of a tenant every minute."""

import pytest

from shared.tenants.cache import Cache
from shared.tenants.sources import ItemSource
from tests.scale.answering import READ_ITEM, READ_SECRET, AnsweringAws
from tests.scale.conftest import Note
from tests.scale.estate import Estate
from tests.scale.lookups import Clock, look_ups

HOUR, EVERY = 3600, 10
TENANTS = [Estate(f"tenant{place:03}", place) for place in range(100)]


@pytest.mark.usefixtures("cold")
def test_an_hour_of_texts_reads_each_secret_once_and_for_the_rest_only_items(note: Note) -> None:
    aws, clock = AnsweringAws(TENANTS), Clock()
    calls = {}
    for name, look_up in look_ups(clock).items():
        aws.calls.clear()
        for second in range(0, HOUR, EVERY):
            clock.now = second
            for tenant in TENANTS:
                assert look_up(tenant, tenant.number(0, 0))
        calls[name] = (aws.calls[READ_SECRET], aws.calls[READ_ITEM])
    before = reads_before()
    note("texts in an hour", len(TENANTS) * HOUR // EVERY)
    note("GetSecretValue in an hour, before, each Lambda", before)
    for name, (secrets, items) in calls.items():
        note(f"{name}: GetSecretValue, GetItem in an hour", [secrets, items])
    assert before == len(TENANTS) * HOUR // 60
    parts = {"authorizer": 1, "receiver": 2, "forwarder": 0, "sender": 1}
    assert {name: secrets for name, (secrets, _) in calls.items()} == {
        name: count * len(TENANTS) for name, count in parts.items()
    }
    assert max(items for _, items in calls.values()) <= 4 * before


def reads_before() -> int:
    """Of one Lambda, with a cache that reads all of a tenant again each minute."""
    clock, reads = Clock(), list[str]()

    def read(tenant_id: str) -> str:
        reads.append(tenant_id)
        return tenant_id

    cache = Cache(ItemSource(own_region=read, home_region=None), life_seconds=60, reread_seconds=5, clock=clock)
    for second in range(0, HOUR, EVERY):
        clock.now = second
        for tenant in TENANTS:
            cache.find(tenant.tenant_id, lambda found: found)
    return len(reads)
