"""Several operators at the same numbers at the same moment, on the local DynamoDB: nothing is given twice or lost."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from operations.numbers.directory import DynamoNumberDirectory
from operations.ports import Page
from shared.errors import CommandDeclined, Conflict
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.record import HeldNumber
from tests.fakes import ACCOUNT, OUR_NUMBER, managed_tenant
from tests.integration.directory_table import directory_table, put_agent
from tests.integration.races import at_once
from tests.integration.tables import client
from tests.integration.tenant_stores import AwsRig, aws, before_each_write
from tests.unit.operations.tenants.fakes import agent

__all__ = ["aws", "directory_table"]  # fixtures

ROUNDS = 12
DESK = "deskdesk"
CONNECTION = Connection(OUR_NUMBER, "PN1", ACCOUNT, "credent1", Webhooks())


@pytest.fixture
def directories(local_aws: str, directory_table: str) -> Sequence[DynamoNumberDirectory]:
    """Four operators, each with a client of their own."""
    assert directory_table
    return [DynamoNumberDirectory(client(local_aws)) for _ in range(4)]


def number(last: int) -> str:
    return f"+1202555{last:04}"


def test_of_several_agents_and_tenants_exactly_one_gets_a_number(
    directories: Sequence[DynamoNumberDirectory], dynamodb: DynamoDBClient
) -> None:
    agents = [("acme", DESK), ("acme", "salesale"), ("zeta", DESK), ("yota", DESK)]
    for tenant_id, agent_id in agents:
        put_agent(dynamodb, tenant_id, agent_id)
    for last in range(ROUNDS):
        results = at_once(
            *(
                partial(directory.assign, *agent, number(last))
                for directory, agent in zip(directories, agents, strict=True)
            )
        )
        assert sorted(map(str, results)) == sorted(map(str, [True, Conflict, Conflict, Conflict]))
        tenant_id, agent_id = agents[results.index(True)]
        held = HeldNumber(number(last), tenant_id, agent_id)
        assert directories[0].find(number(last)) == held
        lists = [[each.address for each in directories[0].page(*agent).items] for agent in agents]
        assert [held.address in numbers for numbers in lists] == [result is True for result in results]


def test_the_same_agent_is_given_a_number_once(
    directories: Sequence[DynamoNumberDirectory], dynamodb: DynamoDBClient
) -> None:
    put_agent(dynamodb, "acme", DESK)
    for last in range(ROUNDS):
        results = at_once(*(partial(each.assign, "acme", DESK, number(last)) for each in directories))
        assert sorted(map(str, results)) == ["False", "False", "False", "True"]


def test_several_numbers_of_one_agent_do_not_get_in_each_others_way(
    directories: Sequence[DynamoNumberDirectory], dynamodb: DynamoDBClient
) -> None:
    put_agent(dynamodb, "acme", DESK)

    def assign(directory: DynamoNumberDirectory, begin: int) -> None:
        for last in range(begin, begin + ROUNDS):
            assert directory.assign("acme", DESK, number(last))

    at_once(*(partial(assign, each, i * ROUNDS) for i, each in enumerate(directories)))
    assert len(directories[0].page("acme").items) == ROUNDS * len(directories)


def test_an_agent_that_is_removed_while_it_gets_a_number_keeps_neither(aws: AwsRig) -> None:
    store, numbers = aws.store(), aws.numbers()
    agents = tuple(agent(f"agent {last}", id=f"agent{last:03}") for last in range(ROUNDS))
    store.create(managed_tenant(agents=agents))

    def remove(agent_id: str) -> bool:
        tenant, version = store.read("acme")
        remaining = tuple(each for each in tenant.agents if each.id != agent_id)
        store.replace(tenant, replace(tenant, agents=remaining), version)
        return True

    for last, each in enumerate(agents):
        assigned, removed = at_once(partial(numbers.assign, "acme", each.id, number(last)), partial(remove, each.id))
        assert (assigned is True) != (removed is True), (assigned, removed)
        held = HeldNumber(number(last), "acme", each.id) if assigned is True else None
        assert numbers.find(number(last)) == held
        assert [listed.address for listed in numbers.page("acme", each.id).items] == ([held.address] if held else [])
        assert bool(store.read("acme")[0].agent(each.id)) == (assigned is True)


def test_an_agent_that_gets_a_number_right_before_it_is_removed_stays(aws: AwsRig) -> None:
    dynamodb, numbers = aws.dynamodb(), aws.numbers()
    store = aws.store(dynamodb)
    store.create(managed_tenant(agents=(agent("desk", id=DESK),)))
    tenant, version = store.read("acme")
    assigned: list[bool] = []

    def assign(_: str) -> None:
        if not assigned:
            assigned.append(numbers.assign("acme", DESK, OUR_NUMBER))

    before_each_write(dynamodb, assign)
    with pytest.raises(CommandDeclined):
        store.replace(tenant, replace(tenant, agents=()), version)
    assert assigned == [True]
    assert store.read("acme")[0].agent(DESK)
    assert numbers.find(OUR_NUMBER) == HeldNumber(OUR_NUMBER, "acme", DESK)


def test_of_several_who_release_a_number_exactly_one_does(
    directories: Sequence[DynamoNumberDirectory], dynamodb: DynamoDBClient
) -> None:
    put_agent(dynamodb, "acme", DESK)
    for last in range(ROUNDS):
        directories[0].assign("acme", DESK, number(last))
        held = HeldNumber(number(last), "acme", DESK)
        results = at_once(*(partial(each.release, held) for each in directories))
        assert results.count(None) == 1
        assert results.count(Conflict) == len(directories) - 1
    assert directories[0].page("acme") == Page([])


def test_of_several_who_change_a_connection_from_the_same_state_exactly_one_does(
    directories: Sequence[DynamoNumberDirectory],
) -> None:
    before: Connection | None = None
    for round_ in range(ROUNDS):
        wanted = [
            replace(CONNECTION, credential_id=f"c{round_:03}{i:04}", service=f"MG{round_}{i}")
            for i in range(len(directories))
        ]
        results = at_once(
            *(
                partial(each.put_connection, "acme", connection, instead_of=before)
                for each, connection in zip(directories, wanted, strict=True)
            )
        )
        assert results.count(None) == 1, results
        before = wanted[results.index(None)]
        directory = directories[0]
        assert directory.connection("acme", OUR_NUMBER) == before
        for connection in wanted:
            is_stored = connection == before
            listed = directory.connections("acme", credential_id=connection.credential_id).items
            assert list(listed) == ([connection] if is_stored else [])
            assert directory.connected_by("acme", connection.service) == [connection.number] * is_stored


def test_connections_of_different_numbers_are_all_kept(directories: Sequence[DynamoNumberDirectory]) -> None:
    def connect(directory: DynamoNumberDirectory, begin: int) -> None:
        for last in range(begin, begin + ROUNDS):
            directory.put_connection("acme", replace(CONNECTION, number=number(last)), instead_of=None)

    at_once(*(partial(connect, each, i * ROUNDS) for i, each in enumerate(directories)))
    listed = directories[0].connections("acme", credential_id=CONNECTION.credential_id).items
    assert [each.number for each in listed] == [number(last) for last in range(ROUNDS * len(directories))]


def test_a_connection_is_changed_or_forgotten_and_never_half(directories: Sequence[DynamoNumberDirectory]) -> None:
    changed = replace(CONNECTION, credential_id="credent2")
    for _ in range(ROUNDS):
        directories[0].put_connection("acme", CONNECTION, instead_of=None)
        results = at_once(
            partial(directories[1].put_connection, "acme", changed, instead_of=CONNECTION),
            partial(directories[2].delete_connection, "acme", CONNECTION),
        )
        assert sorted(map(str, results)) == sorted(map(str, [None, Conflict]))
        stored = directories[0].connection("acme", OUR_NUMBER)
        assert stored == (changed if results[0] is None else None)
        with_old = directories[0].connections("acme", credential_id=CONNECTION.credential_id)
        with_new = directories[0].connections("acme", credential_id=changed.credential_id)
        assert [list(with_old.items), list(with_new.items)] == [[], [changed] if stored else []]
        if stored:
            directories[0].delete_connection("acme", changed)
