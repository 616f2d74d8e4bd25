"""From a number to its agent: which tenant's, from which region, and with which signing secrets."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import pytest

from shared.errors import Configuration, SmsReceiverError, Unavailable
from shared.tenants.agent import BackendSettings
from shared.tenants.agents import AgentKey, AgentsByNumber
from shared.tenants.cache import Cache
from shared.tenants.copies import Copy
from shared.tenants.record import HeldNumber, TenantRecord
from shared.tenants.secret_documents import SigningSecrets, SigningSecretsByAgent
from shared.tenants.sources import ItemSource
from tests.fakes import DESK, OUR_NUMBER, PERSON, FakeClock, record

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
LIFE, REREAD = 60.0, 5.0
SIGNED = replace(
    DESK,
    backend=BackendSettings("http", "https://agent.example.com/", signed=True),
    second_backend=BackendSettings("http", "https://other.example.com/", signed=True),
)
SECRETS = SigningSecrets(("first", "former first"), ("second",))
OTHER = replace(DESK, id="Other001", name="other")


class Items(Generic[K, V]):
    """Items of one kind in two regions; it counts the reads."""

    def __init__(self, own: Mapping[K, V], clock: FakeClock) -> None:
        self.own, self.home = dict(own), dict(own)
        self.failing: SmsReceiverError | None = None
        self.reads: list[K] = []
        self.home_reads: list[K] = []
        self.cache = Cache(
            ItemSource(self._read_own, self._read_home), life_seconds=LIFE, reread_seconds=REREAD, clock=clock
        )

    def store(self, key: K, value: V) -> None:
        self.own[key] = self.home[key] = value

    def remove(self, key: K) -> None:
        del self.own[key], self.home[key]

    def _read_own(self, key: K) -> V | None:
        self.reads.append(key)
        if self.failing:
            raise self.failing
        return self.own.get(key)

    def _read_home(self, key: K) -> Copy[V]:
        self.home_reads.append(key)
        return Copy(self.home.get(key))


def held(agent_id: str = DESK.id, tenant_id: str = "acme") -> HeldNumber:
    return HeldNumber(OUR_NUMBER, tenant_id, agent_id)


@dataclass
class World:
    """A directory with a number, its agent, and its signing secrets."""

    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.records: Items[str, TenantRecord] = Items({"acme": record()}, self.clock)
        self.numbers: Items[str, HeldNumber] = Items({OUR_NUMBER: held()}, self.clock)
        self.agents = Items({AgentKey("acme", DESK.id): DESK, AgentKey("acme", OTHER.id): OTHER}, self.clock)
        self.signing: Items[str, SigningSecretsByAgent] = Items({"acme": {DESK.id: SECRETS}}, self.clock)
        self.unsigned = AgentsByNumber(self.records.cache, self.numbers.cache, self.agents.cache)
        self.signed = replace(self.unsigned, signing=self.signing.cache)

    @property
    def reads(self) -> int:
        """Of items in the own region."""
        return sum(len(items.reads) for items in (self.records, self.numbers, self.agents))


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("address", [OUR_NUMBER, f"whatsapp:{OUR_NUMBER}", f"rcs:{OUR_NUMBER}"])
def test_finds_the_agent_of_a_number_behind_any_channel(address: str, world: World) -> None:
    assert world.unsigned.agent_at("acme", address) == DESK


def test_an_address_of_a_channel_has_an_agent_of_its_own_before_that_of_the_number(world: World) -> None:
    address = f"whatsapp:{OUR_NUMBER}"
    world.numbers.store(address, replace(held(OTHER.id), address=address))
    assert world.unsigned.agent_at("acme", address) == OTHER
    assert world.unsigned.agent_at("acme", f"WhatsApp:{OUR_NUMBER}") == OTHER
    assert world.unsigned.agent_at("acme", f"rcs:{OUR_NUMBER}") == DESK
    assert world.unsigned.agent_at("acme", OUR_NUMBER) == DESK


@pytest.mark.parametrize("address", ["68849", "rcs:acme_agent", "messenger:1234567890", f"whatsapp:{PERSON}"])
def test_finds_the_agent_of_any_address_that_is_no_incoming_number(address: str, world: World) -> None:
    world.numbers.store(address, replace(held(OTHER.id), address=address))
    assert world.unsigned.agent_at("acme", address) == OTHER


@pytest.mark.parametrize("address", ["messenger:68849", "rcs:68849", "whatsapp:68849"])
def test_a_short_code_is_none_of_another_channel(address: str, world: World) -> None:
    world.numbers.store("68849", replace(held(), address="68849"))
    assert world.unsigned.agent_at("acme", address) is None
    assert world.unsigned.agent_at("acme", "sms:68849") == DESK


def test_the_agent_of_another_tenant_on_a_channel_hides_no_agent_of_the_number(world: World) -> None:
    address = f"whatsapp:{OUR_NUMBER}"
    world.numbers.store(address, replace(held(tenant_id="other"), address=address))
    assert world.unsigned.agent_at("acme", address) == DESK


def test_many_texts_to_a_number_on_a_channel_cost_a_read_more_every_few_seconds(world: World) -> None:
    for _ in range(60):
        assert world.unsigned.agent_at("acme", f"whatsapp:{OUR_NUMBER}")
        world.clock.now += 1
    assert world.numbers.reads.count(OUR_NUMBER) == 1
    assert world.numbers.reads.count(f"whatsapp:{OUR_NUMBER}") <= 60 / REREAD


def test_a_number_that_nobody_has_and_one_of_another_tenant_have_no_agent(world: World) -> None:
    world.records.store("other", record("other"))
    assert world.unsigned.agent_at("acme", PERSON) is None
    assert world.unsigned.agent_at("other", OUR_NUMBER) is None
    assert world.unsigned.agent_at("acme", OUR_NUMBER) == DESK


def test_many_texts_cost_three_reads_each_life(world: World) -> None:
    for _ in range(59):
        assert world.unsigned.agent_at("acme", OUR_NUMBER)
        world.clock.now += 1
    assert world.reads == 3
    world.clock.now += 1
    assert world.unsigned.agent_at("acme", OUR_NUMBER)
    assert world.reads == 6


def test_a_number_that_was_just_assigned_works_at_once_in_every_region(world: World) -> None:
    assert world.unsigned.agent_at("acme", PERSON) is None
    world.numbers.home[PERSON] = held()
    world.clock.now += REREAD
    assert world.unsigned.agent_at("acme", PERSON) == DESK


def test_an_agent_that_was_just_made_works_at_once_in_every_region(world: World) -> None:
    made = AgentKey("acme", "Made0001")
    world.numbers.own[PERSON] = held("Made0001")
    world.agents.home[made] = replace(DESK, id="Made0001")
    assert world.unsigned.agent_at("acme", PERSON) == replace(DESK, id="Made0001")


def test_a_backend_that_an_agent_was_just_given_is_asked_at_once_in_every_region(world: World) -> None:
    key, bare = AgentKey("acme", DESK.id), replace(DESK, backend=None)
    world.agents.store(key, bare)
    assert world.signed.agent_at("acme", OUR_NUMBER) == bare
    world.agents.home[key] = DESK
    world.clock.now += REREAD
    assert world.signed.agent_at("acme", OUR_NUMBER) == DESK


def test_an_agent_that_needs_no_backend_is_read_again_every_few_seconds_only_where_backends_are_asked(
    world: World,
) -> None:
    bare = replace(DESK, backend=None)
    world.agents.store(AgentKey("acme", DESK.id), bare)
    for lookup, reads in ((world.unsigned, 1), (world.signed, 3)):
        for _ in range(10):
            assert lookup.agent_at("acme", OUR_NUMBER) == bare
            world.clock.now += 1
        assert len(world.agents.reads) == reads


def test_a_number_that_another_tenant_got_works_at_once(world: World) -> None:
    assert world.unsigned.agent_at("acme", OUR_NUMBER) == DESK
    world.records.store("other", record("other"))
    world.agents.store(AgentKey("other", DESK.id), OTHER)
    world.numbers.store(OUR_NUMBER, held(tenant_id="other"))
    assert world.unsigned.agent_at("other", OUR_NUMBER) == OTHER
    assert world.unsigned.agent_at("acme", OUR_NUMBER) is None


def test_a_number_whose_agent_is_gone_is_looked_for_again(world: World) -> None:
    assert world.unsigned.agent_at("acme", OUR_NUMBER) == DESK
    world.numbers.store(OUR_NUMBER, held(OTHER.id))
    world.agents.remove(AgentKey("acme", DESK.id))
    world.clock.now += LIFE - 1
    assert world.unsigned.agent_at("acme", OUR_NUMBER) == DESK
    world.agents.cache.find(AgentKey("acme", DESK.id), lambda _: None)
    assert world.unsigned.agent_at("acme", OUR_NUMBER) == OTHER


def test_a_flood_of_unknown_numbers_reads_each_number_twice_at_most_and_the_tenant_once(world: World) -> None:
    for _ in range(3):
        for number in range(100):
            assert world.unsigned.agent_at("acme", f"+1202555{number:04}") is None
    assert len(world.records.reads) == 1
    assert (len(world.numbers.reads), len(world.numbers.home_reads)) == (100, 100)
    assert world.agents.reads == []


def test_a_tenant_that_the_directory_does_not_know_has_no_agents(world: World) -> None:
    world.records.remove("acme")
    assert world.unsigned.agent_at("acme", OUR_NUMBER) is None
    assert world.numbers.reads == []


@pytest.mark.parametrize("kind", ["records", "numbers", "agents", "signing"])
def test_what_cannot_be_looked_up_is_not_taken_for_missing(kind: str, world: World) -> None:
    getattr(world, kind).failing = Unavailable("AWS answered 500")
    world.agents.store(AgentKey("acme", DESK.id), SIGNED)
    with pytest.raises(Unavailable):
        world.signed.agent_at("acme", OUR_NUMBER)


def test_a_signed_backend_has_its_secrets(world: World) -> None:
    world.agents.store(AgentKey("acme", DESK.id), SIGNED)
    agent = world.signed.agent_at("acme", OUR_NUMBER)
    assert agent
    assert agent.backend
    assert agent.second_backend
    assert (agent.backend.secrets, agent.second_backend.secrets) == (SECRETS.backend, SECRETS.second_backend)
    assert world.unsigned.agent_at("acme", OUR_NUMBER) == SIGNED


def test_an_agent_without_a_signed_backend_needs_no_secrets(world: World) -> None:
    plain = replace(SIGNED, backend=BackendSettings("echo"), second_backend=BackendSettings("lex"))
    for agent in (DESK, plain):
        world.agents.store(AgentKey("acme", DESK.id), agent)
        world.clock.now += LIFE
        assert world.signed.agent_at("acme", OUR_NUMBER) == agent
    assert world.signing.reads == []


def test_secrets_that_are_not_needed_are_not_used(world: World) -> None:
    half = replace(SIGNED, second_backend=BackendSettings("echo"))
    world.agents.store(AgentKey("acme", DESK.id), half)
    agent = world.signed.agent_at("acme", OUR_NUMBER)
    assert agent
    assert agent.second_backend == half.second_backend


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {OTHER.id: SECRETS},
        {DESK.id: SigningSecrets()},
        {DESK.id: SigningSecrets(SECRETS.backend)},
        {DESK.id: SigningSecrets((), SECRETS.second_backend)},
    ],
)
def test_a_signed_backend_without_secrets_is_an_error_and_never_unsigned(
    stored: SigningSecretsByAgent, world: World
) -> None:
    world.agents.store(AgentKey("acme", DESK.id), SIGNED)
    world.signing.store("acme", stored)
    with pytest.raises(Configuration, match="the signing secrets of agent 'desk' cannot be found"):
        world.signed.agent_at("acme", OUR_NUMBER)
    world.signing.remove("acme")
    world.clock.now += LIFE
    with pytest.raises(Configuration, match="the signing secrets of agent 'desk' cannot be found"):
        world.signed.agent_at("acme", OUR_NUMBER)


def test_an_agent_whose_secrets_were_dropped_is_looked_for_again(world: World) -> None:
    with_old_secrets(world)
    world.agents.store(AgentKey("acme", DESK.id), DESK)
    assert world.signed.agent_at("acme", OUR_NUMBER) == DESK


def test_a_number_whose_agent_was_deleted_with_its_secrets_is_looked_for_again(world: World) -> None:
    with_old_secrets(world)
    world.agents.remove(AgentKey("acme", DESK.id))
    world.numbers.store(OUR_NUMBER, held(OTHER.id))
    assert world.signed.agent_at("acme", OUR_NUMBER) == OTHER


def with_old_secrets(world: World) -> None:
    """The cache has just read the agent, and long ago its secrets, which are dropped now."""
    world.agents.store(AgentKey("acme", DESK.id), SIGNED)
    assert world.signed.agent_at("acme", OUR_NUMBER)
    world.clock.now += LIFE
    assert world.unsigned.agent_at("acme", OUR_NUMBER) == SIGNED
    world.signing.store("acme", {})


def test_signing_secrets_that_only_the_home_region_has_are_used(world: World) -> None:
    world.agents.store(AgentKey("acme", DESK.id), SIGNED)
    world.signing.own["acme"] = {}
    agent = world.signed.agent_at("acme", OUR_NUMBER)
    assert agent
    assert agent.backend
    assert agent.backend.secrets == SECRETS.backend


def test_signing_secrets_are_not_shown() -> None:
    assert repr(SECRETS) == "SigningSecrets(2, 1)"
