"""How often the store is read: a flood of wrong keys costs almost nothing, and a new key works at once."""

from collections.abc import Callable

import pytest

from shared.errors import Configuration, InvalidKey, SmsReceiverError, Unavailable
from shared.tenants import api_keys
from shared.tenants.cache import Cache
from shared.tenants.copies import Copy
from shared.tenants.sources import ItemSource
from shared.tenants.tenant import Credential, Tenant
from tests.fakes import FakeClock, credential, owner, tenant

LIFE, REREAD = 60.0, 5.0


class Store:
    """A store that counts the reads."""

    def __init__(self, *tenants: Tenant) -> None:
        self.stored = {stored.id: stored for stored in tenants}
        self.failing: SmsReceiverError | None = None
        self.reads: list[str] = []

    def read(self, tenant_id: str) -> Tenant | None:
        self.reads.append(tenant_id)
        if self.failing:
            raise self.failing
        return self.stored.get(tenant_id)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def cache_of(store: Store, clock: FakeClock, home: Store | None = None) -> Cache[str, Tenant]:
    """A cache of tenants without versions."""
    return Cache(
        ItemSource(store.read, (lambda tenant_id: Copy(home.read(tenant_id))) if home else None),
        life_seconds=LIFE,
        reread_seconds=REREAD,
        clock=clock,
    )


def with_id(credential_id: str) -> Callable[[Tenant], Credential | None]:
    return lambda stored: stored.credential(credential_id)


def test_a_known_key_is_read_once_per_life(clock: FakeClock) -> None:
    issued, key = credential()
    store = Store(tenant(issued))
    cache = cache_of(store, clock)
    for _ in range(59):
        assert owner(cache, key) == ("acme", issued)
        clock.now += 1
    assert len(store.reads) == 1
    clock.now += 1
    api_keys.authenticate(cache, key)
    assert len(store.reads) == 2


def test_a_malformed_key_is_never_read(clock: FakeClock) -> None:
    _, key = credential()
    store = Store()
    for nonsense in (key[:-1], key + "x", "smsr_acme_x", "", key.swapcase()):
        with pytest.raises(InvalidKey):
            api_keys.authenticate(cache_of(store, clock), nonsense)
    assert store.reads == []


def test_an_unknown_tenant_costs_at_most_one_read_per_request(clock: FakeClock) -> None:
    _, key = credential(tenant_id="nobody")
    store = Store()
    cache = cache_of(store, clock)
    for _ in range(10):
        before = len(store.reads)
        with pytest.raises(InvalidKey):
            api_keys.authenticate(cache, key)
        assert len(store.reads) - before <= 1


def test_the_absence_of_a_tenant_is_cached(clock: FakeClock) -> None:
    store = Store()
    cache = cache_of(store, clock)
    for _ in range(100):
        assert cache.find("nobody", lambda stored: stored) is None
    assert len(store.reads) == 2  # one fills the cache, one looks again
    clock.now += REREAD
    for _ in range(100):
        assert cache.find("nobody", lambda stored: stored) is None
    assert len(store.reads) == 3


def test_a_flood_of_wrong_keys_rereads_once_per_reread_seconds(clock: FakeClock) -> None:
    issued, key = credential()
    store = Store(tenant(issued))
    cache = cache_of(store, clock)
    api_keys.authenticate(cache, key)
    for _ in range(1000):
        _, wrong = credential()
        with pytest.raises(InvalidKey):
            api_keys.authenticate(cache, wrong)
        clock.now += 0.02  # 20 seconds in all
    assert len(store.reads) == 1 + 4


def test_a_reread_is_not_allowed_a_moment_before_its_time(clock: FakeClock) -> None:
    store = Store(tenant())
    cache = cache_of(store, clock)
    for _ in range(2):
        cache.find("acme", with_id("nothere1"))
    assert len(store.reads) == 2
    clock.now += REREAD - 0.001
    cache.find("acme", with_id("nothere1"))
    assert len(store.reads) == 2
    clock.now += 0.001
    cache.find("acme", with_id("nothere1"))
    assert len(store.reads) == 3


def test_a_new_key_works_at_once(clock: FakeClock) -> None:
    old, old_key = credential()
    new, new_key = credential(name="new")
    store = Store(tenant(old))
    cache = cache_of(store, clock)
    api_keys.authenticate(cache, old_key)
    store.stored["acme"] = tenant(old, new)
    assert owner(cache, new_key) == ("acme", new)


def test_a_new_tenant_works_at_once(clock: FakeClock) -> None:
    issued, key = credential()
    store = Store()
    cache = cache_of(store, clock)
    with pytest.raises(InvalidKey):
        api_keys.authenticate(cache, key)
    store.stored["acme"] = tenant(issued)
    assert owner(cache, key) == ("acme", issued)


def test_a_revoked_key_is_gone_after_the_life_of_a_document(clock: FakeClock) -> None:
    issued, key = credential()
    store = Store(tenant(issued))
    cache = cache_of(store, clock)
    api_keys.authenticate(cache, key)
    store.stored["acme"] = tenant()
    clock.now += LIFE - 0.001
    assert api_keys.authenticate(cache, key)  # still believed: that is what the life is for
    clock.now += 0.001
    with pytest.raises(InvalidKey):
        api_keys.authenticate(cache, key)


def test_using_a_key_does_not_lengthen_its_life(clock: FakeClock) -> None:
    issued, key = credential()
    store = Store(tenant(issued))
    cache = cache_of(store, clock)
    api_keys.authenticate(cache, key)
    store.stored["acme"] = tenant()
    for _ in range(59):
        clock.now += 1
        api_keys.authenticate(cache, key)
    clock.now += 1
    with pytest.raises(InvalidKey):
        api_keys.authenticate(cache, key)


def test_a_reread_shows_a_revocation_early(clock: FakeClock) -> None:
    issued, key = credential()
    store = Store(tenant(issued))
    cache = cache_of(store, clock)
    api_keys.authenticate(cache, key)
    store.stored["acme"] = tenant()
    cache.find("acme", with_id("nothere1"))
    with pytest.raises(InvalidKey):
        api_keys.authenticate(cache, key)


def test_memory_is_bounded(clock: FakeClock) -> None:
    store = Store(tenant())
    cache = cache_of(store, clock)
    for number in range(1000):
        cache.find(f"nobody{number}", lambda stored: stored)
    store.reads.clear()
    for number in range(1000):
        cache.find(f"nobody{number}", lambda _: None)
    assert len(store.reads) == 1000  # whatever was kept was looked at again, whatever was not was read
    for number in range(1000 - 256, 1000):
        cache.find(f"nobody{number}", lambda stored: stored)
    assert len(store.reads) == 1256
    cache.find("nobody999", lambda stored: stored)
    assert len(store.reads) == 1256


def test_more_tenants_than_fit_are_all_still_served(clock: FakeClock) -> None:
    store = Store(*(tenant(id=f"tenant{number}") for number in range(600)))
    cache = cache_of(store, clock)
    for _ in range(2):
        assert all(cache.find(tenant_id, lambda stored: stored.id) == tenant_id for tenant_id in store.stored)


@pytest.mark.parametrize("failure", [Unavailable("AWS answered 500"), Configuration("not readable")])
def test_a_failed_read_is_raised_and_not_cached(failure: SmsReceiverError, clock: FakeClock) -> None:
    issued, key = credential()
    store = Store(tenant(issued))
    cache = cache_of(store, clock)
    store.failing = failure
    for _ in range(3):
        with pytest.raises(type(failure)):
            api_keys.authenticate(cache, key)
    assert len(store.reads) == 3
    store.failing = None
    assert owner(cache, key) == ("acme", issued)


def test_a_failed_reread_does_not_refuse_and_does_not_forget(clock: FakeClock) -> None:
    issued, key = credential()
    _, unknown = credential()
    store = Store(tenant(issued))
    cache = cache_of(store, clock)
    api_keys.authenticate(cache, key)
    store.failing = Unavailable("AWS answered 500")
    with pytest.raises(Unavailable):
        api_keys.authenticate(cache, unknown)
    assert owner(cache, key) == ("acme", issued)


def test_a_life_of_zero_seconds_reads_for_every_request(clock: FakeClock) -> None:
    issued, key = credential()
    store = Store(tenant(issued))
    cache = Cache(ItemSource(store.read, None), life_seconds=0, reread_seconds=0, clock=clock)
    for _ in range(3):
        assert owner(cache, key) == ("acme", issued)
    assert len(store.reads) == 3


def test_reading_again_does_not_lengthen_a_life(clock: FakeClock) -> None:
    issued, key = credential()
    store = Store(tenant(issued))
    cache = cache_of(store, clock)
    api_keys.authenticate(cache, key)
    for _ in range(11):
        clock.now += REREAD
        cache.find("acme", with_id("nothere1"))
    assert len(store.reads) == 1 + 11
    clock.now += REREAD
    api_keys.authenticate(cache, key)
    assert len(store.reads) == 1 + 11 + 1


def test_what_the_own_region_lacks_is_looked_for_in_the_home_region(clock: FakeClock) -> None:
    issued, key = credential()
    own, home = Store(), Store(tenant(issued))
    cache = cache_of(own, clock, home)
    for _ in range(3):
        assert owner(cache, key) == ("acme", issued)
    assert (len(own.reads), len(home.reads)) == (1, 1)


def test_what_the_own_region_has_needs_no_home_region(clock: FakeClock) -> None:
    issued, key = credential()
    old, old_key = credential(name="old")
    own, home = Store(tenant(old)), Store()
    cache = cache_of(own, clock, home)
    api_keys.authenticate(cache, old_key)
    own.stored["acme"] = tenant(old, issued)
    assert owner(cache, key) == ("acme", issued)
    assert home.reads == []


def test_a_key_that_the_copy_lacks_but_the_home_region_has_works_at_once(clock: FakeClock) -> None:
    old, old_key = credential(name="old")
    new, new_key = credential(name="new")
    own, home = Store(tenant(old)), Store(tenant(old, new))
    cache = cache_of(own, clock, home)
    api_keys.authenticate(cache, old_key)
    assert owner(cache, new_key) == ("acme", new)


def test_a_key_that_the_home_region_revoked_is_gone_with_the_first_wrong_key(clock: FakeClock) -> None:
    issued, key = credential()
    own, home = Store(tenant(issued)), Store(tenant())
    cache = cache_of(own, clock, home)
    api_keys.authenticate(cache, key)
    assert cache.find("acme", with_id("nothere1")) is None
    with pytest.raises(InvalidKey):
        api_keys.authenticate(cache, key)


def test_a_flood_of_wrong_keys_reads_both_regions_once_per_reread_seconds(clock: FakeClock) -> None:
    issued, key = credential()
    own, home = Store(tenant(issued)), Store(tenant(issued))
    cache = cache_of(own, clock, home)
    api_keys.authenticate(cache, key)
    for _ in range(1000):
        _, wrong = credential()
        with pytest.raises(InvalidKey):
            api_keys.authenticate(cache, wrong)
        clock.now += 0.02  # 20 seconds in all
    assert (len(own.reads), len(home.reads)) == (1 + 4, 4)


def test_wrong_keys_read_the_home_region_every_reread_seconds_however_short_a_life_is(clock: FakeClock) -> None:
    own, home = Store(tenant()), Store(tenant())
    source = ItemSource(own.read, lambda tenant_id: Copy(home.read(tenant_id)))
    cache = Cache(source, life_seconds=0, reread_seconds=REREAD, clock=clock)
    for _ in range(1000):
        assert cache.find("acme", with_id("nothere1")) is None
        clock.now += 0.02  # 20 seconds in all
    assert len(home.reads) == 4


def test_an_unknown_tenant_costs_one_read_of_each_region(clock: FakeClock) -> None:
    own, home = Store(), Store()
    cache = cache_of(own, clock, home)
    for _ in range(100):
        assert cache.find("nobody", lambda stored: stored) is None
    assert (len(own.reads), len(home.reads)) == (1, 1)


def test_a_number_of_entries_of_its_own_bounds_a_cache(clock: FakeClock) -> None:
    store = Store(*(tenant(id=f"tenant{number}") for number in range(10)))
    cache = Cache(ItemSource(store.read, None), life_seconds=LIFE, reread_seconds=REREAD, entries_max=3, clock=clock)
    for _ in range(2):
        for number in range(10):
            cache.find(f"tenant{number}", lambda stored: stored)
    assert len(store.reads) == 20
    cache.find("tenant9", lambda stored: stored)
    assert len(store.reads) == 20


def test_what_is_used_is_not_pushed_out_by_what_is_not(clock: FakeClock) -> None:
    store = Store(tenant())
    cache = cache_of(store, clock)
    for number in range(1000):
        cache.find("acme", lambda stored: stored)
        cache.find(f"nobody{number}", lambda stored: stored)
    assert store.reads.count("acme") == 1
