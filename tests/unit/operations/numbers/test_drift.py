"""What keeps a number's texts from their agent: each cause once, and nothing when all is well."""

from dataclasses import replace

import pytest

from operations.numbers import drift as numbers_drift
from operations.numbers.drift import Difference
from operations.numbers.provider_number import MessagingService
from shared.tenants.connection import Webhooks
from shared.tenants.tenant import Role
from tests.fakes import ACCOUNT, DESK, credential, tenant
from tests.numbers_fakes import (
    APPLICATION,
    BASES,
    EAST,
    ELSEWHERE,
    SERVICE,
    agents_credential,
    east,
    number_at_twilio,
    ours,
    service,
    south,
)

MEMBER, KEY = credential()
SECOND, SECOND_KEY = credential(name="second")
READER, READERS_KEY = credential(Role.READER, name="dashboard")
REVOKED = credential(name="revoked")[1]
ACME = tenant(MEMBER, SECOND, READER)
GOOD = ours(KEY)


def drift(
    webhooks: Webhooks = GOOD, service: MessagingService | None = None, bases: dict[str, str] = BASES
) -> tuple[Difference, ...]:
    return numbers_drift.drift(ACME, DESK, number_at_twilio(webhooks, service), bases)


@pytest.mark.parametrize(
    ("webhooks", "service"),
    [
        (GOOD, None),
        (replace(GOOD, fallback_url=south(SECOND_KEY)), None),
        (GOOD, service("https://other.example.com/", on_number=True)),
        (GOOD, service(east(SECOND_KEY))),
    ],
)
def test_nothing_differs_where_texts_come_to_their_agent(webhooks: Webhooks, service: MessagingService | None) -> None:
    assert drift(webhooks, service) == ()


def test_without_a_second_stage_the_operators_own_fallback_is_no_difference() -> None:
    only_east = {"east": BASES["east"]}
    for fallback in ("", "https://other.example.com/b"):
        assert (
            drift(replace(GOOD, fallback_url=fallback, fallback_method="GET" if fallback else "POST"), bases=only_east)
            == ()
        )
    [difference] = drift(GOOD, bases=only_east)  # ours, of a stage that is gone
    assert (difference.what, difference.desired) == ("fallback webhook", "none")


def test_names_a_key_that_is_for_the_numbers_of_another_agent() -> None:
    sales = replace(DESK, id="Sales001", name="sales")
    theirs, their_key = agents_credential("agent sales", sales)
    acme, provider_number = tenant(theirs), number_at_twilio(ours(their_key))
    assert numbers_drift.drift(acme, sales, provider_number, BASES) == ()
    key, fallback_key = numbers_drift.drift(acme, DESK, provider_number, BASES)
    assert key == Difference("API key", "of 'agent sales'", "the key of its own agent's numbers")
    assert fallback_key.what == "fallback's API key"


SHOWN = f"https://apikey:***@{EAST}"


@pytest.mark.parametrize(
    ("changes", "what", "current", "desired"),
    [
        ({"url": ""}, "webhook", "none", None),
        ({"url": ELSEWHERE.url}, "webhook", "https://***@other.example.com/texts?…#rc=1", None),
        ({"url": east(KEY).partition("#")[0]}, "webhook", SHOWN.partition("#")[0], SHOWN),
        ({"url": east(KEY).replace("SmsRecv", "SmsRecv/")}, "webhook", SHOWN.replace("SmsRecv", "SmsRecv/"), SHOWN),
        ({"url": east(KEY).replace("https", "http")}, "webhook", SHOWN.replace("https", "http"), SHOWN),
        ({"url": south(KEY)}, "webhook", None, SHOWN),
        ({"method": "GET"}, "method", "GET", "POST"),
        ({"url": east(REVOKED)}, "API key", "revoked or unknown", "a key that works"),
        ({"url": east(READERS_KEY)}, "API key", "of 'dashboard', a Reader's", "a key that works"),
        ({"url": f"https://{EAST}"}, "API key", "none", "a key that works"),
        ({"url": east(KEY).replace("apikey", "user")}, "API key", "none", "a key that works"),
        ({"fallback_url": ""}, "fallback webhook", "none", None),
        ({"fallback_url": ELSEWHERE.fallback_url}, "fallback webhook", "https://other.example.com/b", None),
        ({"fallback_method": "GET"}, "fallback method", "GET", "POST"),
        ({"fallback_url": south(REVOKED)}, "fallback's API key", "revoked or unknown", "a key that works"),
        ({"application": APPLICATION}, "TwiML application", f"{APPLICATION} takes the texts", "none"),
    ],
)
def test_names_what_differs_with_no_key_and_no_password_in_it(
    changes: dict[str, str], what: str, current: str | None, desired: str | None
) -> None:
    differences = {difference.what: difference for difference in drift(replace(GOOD, **changes))}
    assert current in {None, differences[what].current}
    assert desired in {None, differences[what].desired}
    assert set(differences) <= {what, "API key"}
    text = repr(differences)
    for secret in (KEY, REVOKED, READERS_KEY, "f0rmer", "s3cret"):
        assert secret not in text


@pytest.mark.parametrize(
    "taking",
    [service(), service("https://other.example.com/"), service(east(REVOKED)), service(south(KEY))],
)
def test_names_a_messaging_service_that_takes_the_texts(taking: MessagingService) -> None:
    [difference] = drift(service=taking)
    assert (difference.what, difference.current) == ("Messaging Service", f"{SERVICE} takes the texts")
    assert difference.desired == "leaves them to its numbers"
    [difference] = drift(service=replace(taking, others=3))
    assert difference.desired == "leaves them to its numbers, 3 others too"


def test_names_a_number_that_is_gone_or_has_no_agent_and_a_stage_that_is_not_deployed() -> None:
    [gone] = numbers_drift.drift(ACME, DESK, None, BASES)
    assert gone == Difference("number", "in no account of this tenant", "in one of them")
    [unheld] = numbers_drift.drift(ACME, None, number_at_twilio(GOOD), BASES)
    assert (unheld.what, unheld.current) == ("agent", "none")
    [undeployed] = drift(bases={"south": BASES["south"]})
    assert undeployed == Difference("stage east", "not deployed", "deployed")


def test_an_obstacle_comes_with_its_cure() -> None:
    provider_number = number_at_twilio(replace(GOOD, application=APPLICATION))
    sentences = numbers_drift.obstacles(provider_number, service("https://other.example.com/", others=2))
    assert len(sentences) == 2
    assert APPLICATION in sentences[0]
    assert f"{SERVICE} takes this number's texts" in sentences[1]
    assert "which concerns 2 more numbers" in sentences[1]
    assert all("--take-over" in sentence for sentence in sentences)
    assert "drops this number's texts" in numbers_drift.obstacles(number_at_twilio(GOOD), service())[0]
    assert numbers_drift.obstacles(number_at_twilio(GOOD), None) == []
    assert ACCOUNT not in str(sentences)
