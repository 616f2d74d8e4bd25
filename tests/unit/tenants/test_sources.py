"""How often a tenant's secret itself is read, and which region decides: versions, lagging copies and outages."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from shared.errors import BrokenDocument, Configuration, InvalidKey, SmsReceiverError, Unavailable
from shared.tenants import api_keys
from shared.tenants.cache import Cache
from shared.tenants.copies import Copy
from shared.tenants.record import SecretPart, TenantRecord
from shared.tenants.sources import PausingReader, SecretSource
from shared.tenants.tenant import Credential, Tenant
from tests.fakes import NOW, FakeClock, credential, record, tenant

LIFE, REREAD = 60.0, 5.0
AWAY = Unavailable("AWS answered 500")
BROKEN = BrokenDocument("broken", "acme", digests={})
WRITER, KEY = credential()
SECOND, SECOND_KEY = credential(name="second")


@dataclass
class Region:
    """A region's copies of the tenant's secret and of its record; it counts the reads."""

    secret: Copy[Tenant]
    record: TenantRecord | None
    failing: SmsReceiverError | None = None
    directory_failing: SmsReceiverError | None = None
    secret_reads: int = 0
    record_reads: int = 0

    def read_secret(self, _: str) -> Copy[Tenant]:
        self.secret_reads += 1
        if self.failing:
            raise self.failing
        return replace(self.secret)

    def read_record(self, _: str) -> TenantRecord | None:
        self.record_reads += 1
        if self.directory_failing:
            raise self.directory_failing
        return self.record


def announcing(version: str) -> TenantRecord:
    return record(versions={SecretPart.ACCESS: version})


def region(*credentials: Credential, version: str = "v1") -> Region:
    return Region(Copy(tenant(*credentials), version), announcing(version))


@dataclass
class World:
    """A Lambda in a region that is not the home region."""

    own: Region = field(default_factory=lambda: region(WRITER))
    home: Region = field(default_factory=lambda: region(WRITER))
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.cache = Cache(
            SecretSource(
                part=SecretPart.ACCESS,
                own_region=self.own.read_secret,
                home_region=PausingReader(self.home.read_secret, pause_seconds=REREAD, clock=self.clock),
                record=PausingReader(self.own.read_record, pause_seconds=REREAD, clock=self.clock),
            ),
            life_seconds=LIFE,
            reread_seconds=REREAD,
            clock=self.clock,
        )

    def accepts(self, key: str = KEY) -> bool:
        try:
            api_keys.authenticate(self.cache, key)
        except InvalidKey:
            return False
        return True

    def store(self, *credentials: Credential, version: str, copied: bool = True) -> None:
        """Stores the tenant anew, as operators do: announced in both regions, and copied unless the copy lags."""
        self.home.secret = Copy(tenant(*credentials), version)
        self.own.record = self.home.record = announcing(version)
        if copied:
            self.own.secret = self.home.secret

    @property
    def reads(self) -> tuple[int, int, int]:
        """Of the own secret, of the record, of the secret at home."""
        return self.own.secret_reads, self.own.record_reads, self.home.secret_reads


@pytest.fixture
def world() -> World:
    return World()


def test_a_first_read_needs_no_directory_and_no_home_region(world: World) -> None:
    assert world.accepts()
    assert world.reads == (1, 0, 0)


def test_a_tenant_that_does_not_change_costs_a_look_at_its_record_each_life_and_no_secret_for_an_hour(
    world: World,
) -> None:
    for _ in range(3600):
        assert world.accepts()
        world.clock.now += 1
    assert world.reads == (1, 59, 0)


def test_the_secret_itself_is_read_once_an_hour_whatever_the_record_says(world: World) -> None:
    assert world.accepts()
    world.own.secret = world.home.secret = Copy(tenant(), "v1")  # somebody changed it by hand
    world.clock.now += 3600
    assert not world.accepts()


def test_another_version_is_read_as_soon_as_the_life_is_over(world: World) -> None:
    assert world.accepts()
    world.store(SECOND, version="v2")
    assert world.accepts()  # still believed: that is what the life is for
    world.clock.now += LIFE
    assert not world.accepts()
    assert world.reads == (2, 1, 1)


def test_a_revoked_key_is_dead_after_a_life_even_when_the_copy_lags(world: World) -> None:
    assert world.accepts()
    world.store(version="v2", copied=False)
    world.clock.now += LIFE
    assert not world.accepts()


def test_a_lagging_copy_is_read_every_reread_seconds_while_the_home_region_is_away(world: World) -> None:
    assert world.accepts()
    world.store(version="v2", copied=False)
    world.home.failing = AWAY
    world.clock.now += LIFE
    assert world.accepts()  # nobody knows better
    world.clock.now += REREAD - 0.001
    world.own.secret = world.home.secret
    assert world.accepts()
    world.clock.now += 0.001
    assert not world.accepts()


def test_a_version_that_is_announced_and_not_written_yet_only_costs_reads(world: World) -> None:
    assert world.accepts()
    world.own.record = world.home.record = announcing("v2")
    world.clock.now += LIFE
    for _ in range(100):
        assert world.accepts()
        world.clock.now += 0.1  # 10 seconds in all
    assert world.reads == (1 + 2, 2, 2)
    world.store(SECOND, version="v2")
    world.clock.now += REREAD
    assert not world.accepts()


def test_a_version_that_was_read_before_the_directory_named_it_is_trusted_for_a_life_once_it_does(world: World) -> None:
    assert world.accepts()
    world.own.secret = world.home.secret = Copy(tenant(WRITER), "v2")
    world.own.record = announcing("v3")
    world.clock.now += LIFE
    assert world.accepts()
    world.own.record = announcing("v2")  # it lagged
    for _ in range(100):
        world.clock.now += REREAD
        assert world.accepts()
    assert world.own.record_reads == 1 + 1 + 100 * REREAD // LIFE
    assert (world.own.secret_reads, world.home.secret_reads) == (2, 1)


def test_a_flood_of_wrong_keys_does_not_keep_a_revoked_key_alive(world: World) -> None:
    assert world.accepts()
    world.store(version="v2", copied=False)
    world.home.failing = AWAY
    for _ in range(120):
        world.accepts(SECOND_KEY)
        world.clock.now += 1
    world.own.secret = world.home.secret
    world.clock.now += REREAD
    assert not world.accepts()


def test_a_new_key_works_at_once_in_every_region(world: World) -> None:
    assert world.accepts()
    world.store(WRITER, SECOND, version="v2", copied=False)
    world.own.record = announcing("v1")  # it lags too
    assert world.accepts(SECOND_KEY)
    assert world.reads == (2, 0, 1)


def test_a_new_key_works_at_once_where_nobody_was_served_yet(world: World) -> None:
    world.store(WRITER, SECOND, version="v2", copied=False)
    assert world.accepts(SECOND_KEY)
    assert world.reads == (1, 0, 1)


def test_what_came_from_the_home_region_stays_while_its_version_is_announced(world: World) -> None:
    world.store(WRITER, SECOND, version="v2", copied=False)
    assert world.accepts(SECOND_KEY)
    world.clock.now += LIFE
    assert world.accepts(SECOND_KEY)
    assert world.reads == (1, 1, 1)


def test_a_tenant_whose_copy_is_missing_is_served_from_the_home_region(world: World) -> None:
    world.own.secret, world.own.record = Copy(None), None
    assert world.accepts()
    world.clock.now += 1
    assert world.accepts()
    assert world.reads == (1, 0, 1)


def test_a_missing_record_is_no_reason_to_trust_a_copy_for_long(world: World) -> None:
    assert world.accepts()
    world.own.record = None
    for _ in range(100):
        world.clock.now += LIFE / 100
        assert world.accepts()
    world.home.secret = Copy(None)
    world.clock.now += REREAD
    assert not world.accepts()


@pytest.mark.parametrize("failure", [AWAY, Configuration("not readable"), BROKEN])
def test_without_the_directory_the_secret_itself_is_read_once_a_life(failure: SmsReceiverError, world: World) -> None:
    assert world.accepts()
    world.own.directory_failing = failure
    for _ in range(10):
        world.clock.now += LIFE / 5
        assert world.accepts()
    assert world.reads == (1 + 2, 2, 0)


def test_without_the_directory_a_revoked_key_is_dead_after_a_life(world: World) -> None:
    assert world.accepts()
    world.own.directory_failing = AWAY
    world.store(version="v2")
    world.clock.now += LIFE
    assert not world.accepts()


def test_without_secrets_manager_an_unchanged_tenant_is_still_served(world: World) -> None:
    assert world.accepts()
    world.own.failing = world.home.failing = AWAY
    world.clock.now += LIFE
    assert world.accepts()
    with pytest.raises(Unavailable):
        world.accepts(SECOND_KEY)


def test_a_deleted_tenant_is_gone_after_a_life_whatever_its_copies_say(world: World) -> None:
    assert world.accepts()
    world.own.record = replace(announcing("v1"), deleted_at=NOW)
    world.own.secret = world.home.secret = Copy(None)
    world.clock.now += LIFE
    assert not world.accepts()


def test_a_deleted_tenant_is_gone_before_its_secrets_are(world: World) -> None:
    assert world.accepts()
    world.own.record = replace(announcing("v1"), deleted_at=NOW)
    world.clock.now += LIFE
    for _ in range(100):
        assert not world.accepts()
        world.clock.now += 0.2  # 20 seconds in all
    assert world.reads == (1, 1 + 4, 0)


def test_a_restored_tenant_works_at_once(world: World) -> None:
    assert world.accepts()
    secret = world.own.secret
    world.own.record = replace(announcing("v1"), deleted_at=NOW)
    world.own.secret = world.home.secret = Copy(None)
    world.clock.now += LIFE
    assert not world.accepts()
    world.own.record, world.own.secret = announcing("v1"), secret
    world.clock.now += REREAD
    assert world.accepts()


def test_a_broken_copy_is_replaced_by_the_home_regions(world: World) -> None:
    world.own.failing = BROKEN
    assert world.accepts()
    assert world.accepts()
    assert world.reads == (1, 0, 1)


def test_a_broken_copy_is_our_error_while_the_home_region_is_away(world: World) -> None:
    world.own.failing, world.home.failing = BrokenDocument("broken", "acme"), AWAY
    for _ in range(10):
        with pytest.raises(BrokenDocument):
            world.accepts()
    assert world.reads == (1, 0, 1)


def test_a_document_that_is_broken_at_home_only_refuses_nobody(world: World) -> None:
    assert world.accepts()
    world.home.failing = BrokenDocument("broken", "acme")
    for _ in range(10):
        with pytest.raises(BrokenDocument):
            world.accepts(SECOND_KEY)
        assert world.accepts()
    assert world.reads == (2, 0, 1)


def test_a_tenant_that_does_not_exist_costs_no_look_at_the_directory(world: World) -> None:
    world.own.secret = world.home.secret = Copy(None)
    world.own.record = None
    for _ in range(3):
        assert not world.accepts()
        world.clock.now += LIFE
    assert world.reads == (3, 0, 3)


def test_a_home_region_that_is_away_leaves_the_decision_to_the_own_copy(world: World) -> None:
    assert world.accepts()
    world.home.failing = AWAY
    assert not world.accepts(SECOND_KEY)


def test_a_home_region_that_is_away_is_not_called_for_each_wrong_key() -> None:
    world = World()
    world.home.failing = AWAY
    for number in range(1000):
        assert world.cache.find(f"tenant{number}", lambda stored: stored.credential("nothere1")) is None
        world.clock.now += 0.02  # 20 seconds in all
    assert world.home.secret_reads == 4


def test_in_the_home_region_there_is_no_second_region() -> None:
    own, clock = region(WRITER), FakeClock()
    source = SecretSource(SecretPart.ACCESS, own.read_secret, None, own.read_record)
    cache = Cache(source, life_seconds=LIFE, reread_seconds=REREAD, clock=clock)
    for _ in range(10):
        with pytest.raises(InvalidKey):
            api_keys.authenticate(cache, SECOND_KEY)
    assert own.secret_reads == 2
    own.record = announcing("v2")
    clock.now += LIFE
    for _ in range(10):
        assert api_keys.authenticate(cache, KEY)
    assert own.secret_reads == 3


def reader(failures: list[SmsReceiverError | None], clock: FakeClock) -> Callable[[str], str]:
    def read(key: str) -> str:
        failure = failures.pop(0)
        if failure:
            raise failure
        return key

    return PausingReader(read, pause_seconds=REREAD, clock=clock)


def test_a_reader_pauses_after_a_failure_and_tries_again_later() -> None:
    clock = FakeClock()
    read = reader([AWAY, None, None], clock)
    for _ in range(3):
        with pytest.raises(Unavailable):
            read("acme")
    clock.now += REREAD
    assert [read("acme"), read("acme")] == ["acme", "acme"]


def test_a_broken_document_is_no_reason_to_pause() -> None:
    read = reader([BROKEN, None], FakeClock())
    with pytest.raises(BrokenDocument):
        read("acme")
    assert read("other") == "other"


def test_a_copy_shows_no_secret() -> None:
    assert repr(Copy("s3cret", "v1")) == "Copy(version='v1', is_current=True, is_deleted=False)"
