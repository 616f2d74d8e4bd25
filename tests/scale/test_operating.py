"""A stage with a thousand tenants, one of which has 150 agents with a thousand numbers each, at the command.

The tests build on one another, in their order.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from operations.numbers.webhook_url import key_in
from shared.aws.tenant_secrets import secret_name
from shared.settings import AuthorizerSettings, read
from shared.tenants import api_keys
from shared.tenants import directory_items as items
from shared.tenants.record import HeldNumber, SecretPart
from shared.wiring import tenants as wiring
from tests.scale import local_stack, seeding
from tests.scale.conftest import Note
from tests.scale.estate import Estate
from tests.scale.local_stack import LocalStack
from tests.scale.operators import Operator

pytestmark = [pytest.mark.timeout(1800)]

LARGE = Estate("large", agents=150, numbers=1000, keys=0)
OTHERS = [Estate(f"tenant{place:03}", place) for place in range(999)]
BY_THE_STORE = 4
"""So many of the others are made as operators make them, with their secrets."""
CONNECTED = list(LARGE.numbers_of(0))[:500]
ONE_OF_EACH = [LARGE.number(agent, 0) for agent in range(1, 100)]
"""One number of each of 99 other agents."""
FORMER = "https://demo.twilio.com/welcome/sms/reply"
HOME = "us-east-1"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, note: Note) -> Iterator[LocalStack]:
    """The stage, with all tenants and numbers; the twin has those numbers that are to be connected."""
    with local_stack.running(tmp_path_factory.mktemp("stack")) as started:
        dynamodb, began = started.aws.dynamodb(HOME), time.monotonic()
        started.target.store.create(replace(LARGE.managed, agents=()))
        for other in OTHERS[:BY_THE_STORE]:
            started.target.store.create(other.managed)
        stored = seeding.store(dynamodb, (item for other in OTHERS[BY_THE_STORE:] for item in seeding.of_tenant(other)))
        stored += seeding.store(dynamodb, seeding.of_agents(LARGE))
        stored += seeding.store(dynamodb, seeding.of_numbers(LARGE))
        note("seeding: items, seconds", [stored, round(time.monotonic() - began)])
        [account] = LARGE.managed.accounts
        started.phones.set_account(account.sid, auth_token=account.auth_tokens[0])
        for number in [*CONNECTED, *ONE_OF_EACH]:
            started.phones.set_number(number, account=account.sid, webhook=FORMER)
        yield started


@pytest.fixture(scope="module")
def operator(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    return Operator(stack, tmp_path_factory.mktemp("operator"))


def item(stack: LocalStack, key: items.ItemKey) -> dict[str, Any]:
    answer = stack.aws.dynamodb(HOME).get_item(TableName=items.TABLE, Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}})
    return dict(answer["Item"])


def keys_at_twilio(stack: LocalStack) -> dict[str, str]:
    """The keys in the numbers' webhooks, by number; without numbers that have the webhook from before."""
    [account] = LARGE.managed.accounts
    url = f"{stack.phones.url}/2010-04-01/Accounts/{account.sid}/IncomingPhoneNumbers.json?PageSize=1000"
    answer = httpx.get(url, auth=(account.sid, account.auth_tokens[0]), trust_env=False).raise_for_status().json()
    webhooks: dict[str, str] = {each["phone_number"]: each["sms_url"] for each in answer["incoming_phone_numbers"]}
    return {number: key for number, url in webhooks.items() if (key := key_in(url))}


def versions(stack: LocalStack) -> dict[str, int]:
    """How many versions of each of the large tenant's secrets were written."""
    secrets = stack.aws.secrets(HOME)
    return {
        part: len(
            secrets.list_secret_version_ids(
                SecretId=secret_name(LARGE.tenant_id, part), IncludeDeprecated=True, MaxResults=100
            )["Versions"]
        )
        for part in SecretPart
    }


def test_what_was_stored_directly_is_what_the_adapters_store(stack: LocalStack) -> None:
    agent, new = LARGE.managed.agents[149], "+12023000000"
    agent_key = items.agent_key(LARGE.tenant_id, agent.id)
    before = item(stack, agent_key)
    assert stack.target.numbers_directory.assign(LARGE.tenant_id, agent.id, new)
    assert item(stack, agent_key) == before | {"assigned": {"N": "1001"}}
    for key in (items.number_key, lambda number: items.listed_number_key(LARGE.tenant_id, agent.id, number)):
        written, seeded = item(stack, key(new)), item(stack, key(LARGE.number(149, 0)))
        assert written | {"pk": seeded["pk"], "sk": seeded["sk"]} == seeded
    stack.target.numbers_directory.release(HeldNumber(new, LARGE.tenant_id, agent.id))
    tenant, _ = stack.target.store.read(LARGE.tenant_id)
    assert tenant == LARGE.managed


def test_a_thousand_tenants_are_listed(operator: Operator, note: Note) -> None:
    listed = operator.sms("tenant", "list")
    assert [tenant["id"] for tenant in listed.result] == sorted(each.tenant_id for each in [LARGE, *OTHERS])
    note("tenant list, 1,000 tenants: calls, seconds", [listed.calls, listed.seconds])
    assert sum(listed.calls.values()) <= 21


def test_numbers_are_listed_in_pages(operator: Operator, note: Note) -> None:
    begin = ("number", "list", "--tenant", LARGE.tenant_id)
    first = operator.sms(*begin, "--limit", "1000")
    assert [entry["number"] for entry in first.result] == list(LARGE.numbers_of(0))
    note("number list, the first 1,000 of 150,000: calls, seconds", [first.calls, first.seconds])
    assert first.calls["dynamodb.Query"] == 2  # the agents, and the page
    after = operator.sms(*begin, "--limit", "1000", "--after", LARGE.number(0, 999))
    assert [entry["number"] for entry in after.result] == list(LARGE.numbers_of(1))
    assert sum(after.calls.values()) == sum(first.calls.values()) + 1  # where the last number is
    everything = operator.sms(*begin)
    assert [entry["number"] for entry in everything.result] == [
        number for agent in range(150) for number in LARGE.numbers_of(agent)
    ]
    note("number list, all 150,000: calls, seconds", [everything.calls, everything.seconds])
    assert everything.calls["dynamodb.Query"] <= 152


def test_a_number_is_found_in_one_read(operator: Operator, note: Note) -> None:
    found = operator.sms("number", "find", LARGE.number(77, 500))
    assert found.result["agent"] == "customer desk 00077"
    note("number find: calls, seconds", [found.calls, found.seconds])
    assert found.calls["dynamodb.GetItem"] == 2  # the number, and its tenant's record
    nobody = operator.sms("number", "find", "+12029000000")
    assert nobody.returncode == 1
    assert nobody.calls == {"dynamodb.GetItem": 1}


def test_half_a_thousand_numbers_are_connected_by_one_command_that_was_interrupted_half_way(
    stack: LocalStack, operator: Operator, note: Note
) -> None:
    file = operator.scratch / "numbers"
    file.write_text("\n".join(CONNECTED), encoding="utf-8")
    command = ("number", "connect", "--numbers-from", str(file), "--tenant", LARGE.tenant_id, "--yes")
    before = versions(stack)
    stopped = operator.sms(*command, interrupt_when=lambda: len(keys_at_twilio(stack)) >= len(CONNECTED) // 2)
    done = keys_at_twilio(stack)
    assert stopped.returncode != 0
    assert "Traceback" not in stopped.stderr
    assert len(CONNECTED) // 2 <= len(done) < len(CONNECTED)
    note("number connect, interrupted: numbers done, calls, seconds", [len(done), stopped.calls, stopped.seconds])

    continued = operator.sms(*command)
    assert continued.result["connected"] == len(CONNECTED)
    assert continued.result["failed"] == []
    note("number connect, continued: calls, seconds", [continued.calls, continued.seconds])
    connected = keys_at_twilio(stack)
    assert set(connected) == set(CONNECTED)
    assert len(set(connected.values())) == 1, "the numbers of an agent have one key"
    after = versions(stack)
    assert after == before | {SecretPart.ACCESS: before[SecretPart.ACCESS] + 1}
    again = operator.sms(*command)
    assert again.result["connected"] == len(CONNECTED)
    assert "dynamodb.TransactWriteItems" not in again.calls, "there is nothing left to do"


def test_the_keys_of_a_hundred_agents_take_one_change_and_16_kilobytes(
    stack: LocalStack, operator: Operator, note: Note
) -> None:
    before = versions(stack)
    connected = operator.sms("number", "connect", *ONE_OF_EACH, "--tenant", LARGE.tenant_id, "--yes")
    assert connected.result["connected"] == len(ONE_OF_EACH)
    note("number connect, one number of each of 99 agents: calls, seconds", [connected.calls, connected.seconds])
    keys = keys_at_twilio(stack)
    assert len({keys[number] for number in ONE_OF_EACH}) == len(ONE_OF_EACH), "each agent has a key of its own"
    assert versions(stack) == before | {SecretPart.ACCESS: before[SecretPart.ACCESS] + 1}
    tenant, _ = stack.target.store.read(LARGE.tenant_id)
    assert len(tenant.credentials) == 100
    access = stack.aws.secrets(HOME).get_secret_value(SecretId=secret_name(LARGE.tenant_id, SecretPart.ACCESS))
    size = len(access["SecretString"].encode())
    note("the access secret with 100 keys: bytes", size)
    assert size < 16_000


@pytest.mark.usefixtures("cold")
@pytest.mark.parametrize("region", ["us-east-1", "us-east-2"])
def test_the_lambdas_of_both_regions_know_all_that(
    region: str, stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": stack.aws_endpoint,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }.items():
        monkeypatch.setenv(name, value)
    settings = read(AuthorizerSettings, os.environ)
    tenants = wiring.tenants(settings)
    agents = wiring.agents(settings, wiring.records(settings), wiring.signing(settings))
    for number, key in keys_at_twilio(stack).items():
        assert api_keys.authenticate(tenants, key)[0].id == LARGE.tenant_id
        agent = agents.agent_at(LARGE.tenant_id, number)
        assert agent
        assert agent.id == LARGE.agent_of(number)


def test_no_secret_of_the_tenant_was_written_often(stack: LocalStack, note: Note) -> None:
    written = versions(stack)
    note("versions of the secrets of the tenant with 150,000 numbers", written)
    assert sum(written.values()) < 10
