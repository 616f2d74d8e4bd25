"""The directory of numbers: the adapter on the local DynamoDB and the tests' fake keep the same promises."""

from dataclasses import replace
from itertools import pairwise

import pytest

from operations.numbers.described_number import DescribedNumber
from operations.ports import CHANGED_AT_ONCE, Assigned, NumberDirectory, Page
from shared.errors import Conflict, NotFound
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.record import HeldNumber
from tests.fakes import ACCOUNT, OUR_NUMBER, managed_tenant
from tests.integration.tenant_stores import StoreRig, aws, directory_table, rig
from tests.unit.operations.tenants.fakes import agent

__all__ = ["aws", "directory_table", "rig"]  # fixtures

DESK, SALES, OTHERS = "deskdesk", "salesale", "othersss"
OTHER_NUMBER = "+12025550198"
CREDENTIAL, SECOND_CREDENTIAL, SERVICE = "credent1", "credent2", "MG" + "5" * 32
CONNECTION = Connection(OUR_NUMBER, "PN1", ACCOUNT, CREDENTIAL, Webhooks("https://u:p@example.com/?a#b", "GET"))
AGENTS = {"acme": (DESK, SALES), "zeta": (OTHERS,)}


@pytest.fixture
def numbers(rig: StoreRig) -> NumberDirectory:
    """The directory of two tenants, one with two agents."""
    for tenant_id, agent_ids in AGENTS.items():
        agents = tuple(agent(agent_id, id=agent_id) for agent_id in agent_ids)
        rig.store().create(managed_tenant(id=tenant_id, agents=agents))
    return rig.numbers()


def number(last: int) -> str:
    return f"+1202555{last:04}"


def held(agent_id: str, which: str = OUR_NUMBER, tenant_id: str = "acme") -> HeldNumber:
    return HeldNumber(which, tenant_id, agent_id)


def listed(agent_id: str, which: str = OUR_NUMBER, description: str = "") -> DescribedNumber:
    return DescribedNumber(which, "acme", agent_id, description)


def test_an_assigned_number_is_known_by_itself_and_in_its_lists(numbers: NumberDirectory) -> None:
    assert numbers.find(OUR_NUMBER) is None
    assert numbers.assign("acme", DESK, OUR_NUMBER)
    assert numbers.find(OUR_NUMBER) == held(DESK)
    assert numbers.page("acme") == numbers.page("acme", DESK) == Page([listed(DESK)])
    assert numbers.page("acme", SALES) == numbers.page("zeta") == Page([])


def test_assigning_it_to_the_same_agent_again_changes_nothing(numbers: NumberDirectory) -> None:
    numbers.assign("acme", DESK, OUR_NUMBER)
    assert not numbers.assign("acme", DESK, OUR_NUMBER)
    assert numbers.page("acme") == Page([listed(DESK)])


@pytest.mark.parametrize(
    ("tenant_id", "agent_id", "whose"), [("acme", SALES, "another agent"), ("zeta", OTHERS, "tenant 'acme'")]
)
def test_a_number_that_somebody_has_is_declined_and_stays(
    tenant_id: str, agent_id: str, whose: str, numbers: NumberDirectory
) -> None:
    numbers.assign("acme", DESK, OUR_NUMBER)
    with pytest.raises(Conflict, match=f"{whose} has number …0199; release it there first") as error:
        numbers.assign(tenant_id, agent_id, OUR_NUMBER)
    assert OUR_NUMBER not in str(error.value)
    assert numbers.find(OUR_NUMBER) == held(DESK)
    assert numbers.page(tenant_id, agent_id) == Page([])


@pytest.mark.parametrize(("tenant_id", "agent_id"), [("acme", "nobody00"), ("zeta", DESK), ("nobody", DESK)])
def test_a_number_is_not_assigned_to_an_agent_that_does_not_exist(
    tenant_id: str, agent_id: str, numbers: NumberDirectory
) -> None:
    with pytest.raises(NotFound, match="no such agent"):
        numbers.assign(tenant_id, agent_id, OUR_NUMBER)
    assert numbers.find(OUR_NUMBER) is None
    assert numbers.page(tenant_id) == Page([])


def test_a_released_number_is_free_for_anybody(numbers: NumberDirectory) -> None:
    numbers.assign("acme", DESK, OUR_NUMBER)
    numbers.release(held(DESK))
    assert numbers.find(OUR_NUMBER) is None
    assert numbers.page("acme") == Page([])
    assert numbers.assign("zeta", OTHERS, OUR_NUMBER)


def test_only_the_agent_that_has_a_number_can_lose_it(numbers: NumberDirectory) -> None:
    numbers.assign("acme", DESK, OUR_NUMBER)
    for not_held in (held(SALES), held(OTHERS, tenant_id="zeta"), held(DESK, OTHER_NUMBER)):
        with pytest.raises(Conflict) as error:
            numbers.release(not_held)
        assert not_held.address not in str(error.value)
    assert numbers.find(OUR_NUMBER) == held(DESK)
    assert numbers.page("acme") == Page([listed(DESK)])


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_numbers_come_in_pages_in_the_order_of_agents_and_numbers(limit: int, numbers: NumberDirectory) -> None:
    for last in (5, 1, 3):
        numbers.assign("acme", SALES, number(last))
        numbers.assign("acme", DESK, number(last + 10))
    numbers.assign("zeta", OTHERS, number(99))
    of_desk, of_sales = (
        [listed(agent, number(last)) for last in lasts]
        for agent, lasts in (
            (DESK, (11, 13, 15)),
            (SALES, (1, 3, 5)),
        )
    )
    for agent_id, expected in ((None, of_desk + of_sales), (DESK, of_desk), (SALES, of_sales)):
        after, pages = None, list[Page[DescribedNumber]]()
        while not pages or after is not None:
            pages.append(numbers.page("acme", agent_id, after=after, limit=limit))
            after = pages[-1].next
        assert [each for page in pages for each in page.items] == expected
        assert all(len(page.items) == limit for page, _ in pairwise(pages))
        assert pages[-1].items, "the last page is empty"


def test_a_page_goes_on_behind_a_number_that_was_released_meanwhile(numbers: NumberDirectory) -> None:
    for last in range(4):
        numbers.assign("acme", DESK, number(last))
    first = numbers.page("acme", limit=2)
    numbers.release(held(DESK, number(1)))
    assert numbers.page("acme", after=first.next) == Page([listed(DESK, number(2)), listed(DESK, number(3))])


def test_a_connection_is_kept_with_what_was_before(numbers: NumberDirectory) -> None:
    assert numbers.connection("acme", OUR_NUMBER) is None
    numbers.put_connection("acme", CONNECTION, instead_of=None)
    assert numbers.connection("acme", OUR_NUMBER) == CONNECTION
    assert numbers.connection("zeta", OUR_NUMBER) is None
    assert numbers.connections("acme") == numbers.connections("acme", credential_id=CREDENTIAL) == Page([CONNECTION])
    assert numbers.connections("zeta") == numbers.connections("acme", credential_id=SECOND_CREDENTIAL) == Page([])


def test_storing_the_same_connection_again_is_no_conflict(numbers: NumberDirectory) -> None:
    for _ in range(2):
        numbers.put_connection("acme", CONNECTION, instead_of=None)
    assert numbers.connections("acme") == Page([CONNECTION])


def test_a_connection_that_changes_is_listed_where_it_now_belongs(numbers: NumberDirectory) -> None:
    numbers.put_connection("acme", CONNECTION, instead_of=None)
    changed = replace(CONNECTION, credential_id=SECOND_CREDENTIAL, service=SERVICE)
    numbers.put_connection("acme", changed, instead_of=CONNECTION)
    assert numbers.connections("acme", credential_id=CREDENTIAL) == Page([])
    assert numbers.connections("acme", credential_id=SECOND_CREDENTIAL) == Page([changed])
    assert numbers.connected_by("acme", SERVICE) == [OUR_NUMBER]
    numbers.put_connection("acme", replace(changed, service=""), instead_of=changed)
    assert numbers.connected_by("acme", SERVICE) == []


def test_a_connection_that_somebody_changed_meanwhile_is_neither_overwritten_nor_forgotten(
    numbers: NumberDirectory,
) -> None:
    theirs = replace(CONNECTION, service=SERVICE)
    numbers.put_connection("acme", theirs, instead_of=None)
    mine = replace(CONNECTION, credential_id=SECOND_CREDENTIAL)
    for instead_of in (None, CONNECTION):
        with pytest.raises(Conflict, match="…0199"):
            numbers.put_connection("acme", mine, instead_of=instead_of)
    with pytest.raises(Conflict):
        numbers.delete_connection("acme", CONNECTION)
    with pytest.raises(Conflict):
        numbers.put_connection(
            "acme", replace(mine, number=OTHER_NUMBER), instead_of=replace(mine, number=OTHER_NUMBER)
        )
    assert numbers.connections("acme") == Page([theirs])


def test_a_connection_that_is_forgotten_is_in_no_list(numbers: NumberDirectory) -> None:
    served = replace(CONNECTION, service=SERVICE)
    numbers.put_connection("acme", served, instead_of=None)
    numbers.delete_connection("acme", served)
    assert numbers.connection("acme", OUR_NUMBER) is None
    assert numbers.connections("acme") == numbers.connections("acme", credential_id=CREDENTIAL) == Page([])
    assert numbers.connected_by("acme", SERVICE) == []
    with pytest.raises(Conflict):
        numbers.delete_connection("acme", served)


def test_a_service_names_two_of_the_numbers_that_were_connected_with_it(numbers: NumberDirectory) -> None:
    served = replace(CONNECTION, service=SERVICE)
    numbers.put_connection("acme", served, instead_of=None)
    assert numbers.connected_by("acme", SERVICE) == [OUR_NUMBER]
    assert numbers.connected_by("zeta", SERVICE) == []
    for last in (3, 2, 1):
        numbers.put_connection("acme", replace(served, number=number(last)), instead_of=None)
    assert numbers.connected_by("acme", SERVICE) == [number(1), number(2)]


def test_many_numbers_are_given_at_once_with_their_descriptions(numbers: NumberDirectory) -> None:
    some = {number(last): f"desk {last}" if last % 2 else "" for last in range(CHANGED_AT_ONCE)}
    assert numbers.assign_all("acme", DESK, some) == Assigned(tuple(some), {})
    assert numbers.page("acme") == Page([listed(DESK, which, description) for which, description in some.items()])
    assert numbers.find_all([*some, OTHER_NUMBER]) == {which: held(DESK, which) for which in some}
    assert numbers.description(held(DESK, number(1))) == "desk 1"
    assert numbers.description(held(DESK, number(2))) == ""
    assert numbers.assign_all("acme", DESK, dict.fromkeys(some, "another")) == Assigned((), {})
    assert numbers.description(held(DESK, number(1))) == "desk 1"


def test_of_many_numbers_those_that_somebody_has_are_refused_and_the_others_given(numbers: NumberDirectory) -> None:
    numbers.assign("acme", SALES, number(1))
    numbers.assign("zeta", OTHERS, number(2))
    numbers.assign("acme", DESK, number(3))
    assigned = numbers.assign_all("acme", DESK, dict.fromkeys(map(number, range(5)), "x"))
    assert assigned.new == (number(0), number(4))
    assert "another agent has number …0001" in str(assigned.refused[number(1)])
    assert "tenant 'zeta' has number …0002" in str(assigned.refused[number(2)])
    assert len(assigned.refused) == 2
    assert numbers.page("acme", DESK) == Page(
        [listed(DESK, number(0), "x"), listed(DESK, number(3)), listed(DESK, number(4), "x")]
    )
    assert numbers.page("acme", SALES) == Page([listed(SALES, number(1))])


def test_many_numbers_are_not_given_to_an_agent_that_does_not_exist(numbers: NumberDirectory) -> None:
    with pytest.raises(NotFound, match="no such agent"):
        numbers.assign_all("acme", "nobody00", dict.fromkeys(map(number, range(3)), "x"))
    assert numbers.find_all(list(map(number, range(3)))) == {}


def test_a_description_is_changed_and_taken_away_and_goes_with_the_number(numbers: NumberDirectory) -> None:
    numbers.assign_all("acme", DESK, {number(1): "before", number(2): "before", number(3): "before"})
    missing = numbers.describe_all("acme", DESK, {number(1): "Köln, 2. Stock", number(2): "", number(9): "nobody's"})
    assert missing == [number(9)]
    assert numbers.page("acme") == Page(
        [listed(DESK, number(1), "Köln, 2. Stock"), listed(DESK, number(2)), listed(DESK, number(3), "before")]
    )
    assert numbers.describe_all("acme", SALES, {number(1): "not mine"}) == [number(1)]
    assert numbers.description(held(SALES, number(1))) == ""
    numbers.release(held(DESK, number(1)))
    numbers.assign("acme", SALES, number(1))
    assert numbers.page("acme", SALES) == Page([listed(SALES, number(1))])


def test_many_numbers_are_released_besides_those_that_their_agents_do_not_have(numbers: NumberDirectory) -> None:
    some = list(map(number, range(CHANGED_AT_ONCE)))
    numbers.assign_all("acme", DESK, dict.fromkeys(some, "x"))
    numbers.release(held(DESK, some[3]))
    numbers.assign("zeta", OTHERS, some[3])
    others = [held(DESK, some[3]), held(SALES, some[4]), held(DESK, number(999))]
    released = [held(DESK, which) for which in some if which not in {some[3], some[4]}]
    assert list(numbers.release_all([*released[:20], *others])) == others
    assert [each.address for each in numbers.page("acme").items] == [some[4], *some[22:]]
    assert numbers.find(some[3]) == held(OTHERS, some[3], "zeta")


def test_connections_of_many_numbers_are_read_at_once(numbers: NumberDirectory) -> None:
    some = [replace(CONNECTION, number=number(last)) for last in range(120)]
    for connection in some[:110]:
        numbers.put_connection("acme", connection, instead_of=None)
    wanted = [each.number for each in some]
    assert numbers.connections_with("acme", wanted) == {each.number: each for each in some[:110]}
    assert numbers.connections_with("zeta", wanted) == {}


@pytest.mark.parametrize("limit", [1, 2, 50, 150])
@pytest.mark.parametrize("credential_id", [None, CREDENTIAL])
def test_connections_come_in_pages_in_the_order_of_their_numbers(
    limit: int, credential_id: str | None, numbers: NumberDirectory
) -> None:
    count = 120 if limit > 2 else 5  # more than DynamoDB reads in one batch
    connections = [replace(CONNECTION, number=number(last)) for last in range(count)]
    for connection in reversed(connections):
        numbers.put_connection("acme", connection, instead_of=None)
    collected, after = list[Connection](), None
    while page := numbers.connections("acme", credential_id=credential_id, after=after, limit=limit):
        collected += page.items
        if (after := page.next) is None:
            break
    assert collected == connections
