"""What is wrong with the URL is named, for each mistake that is made with one."""

import pytest

from shared.public_paths import STATUS
from tests.fakes import TOKEN, twilio_signature
from tests.unit.operations.signature.rig import (
    BASES,
    CUSTOM,
    EAST,
    FRAGMENT,
    PATH,
    SOUTH,
    TEXT,
    URL,
    WITH_DOMAIN,
    seen,
    url_signed,
)

HOST = "a1.execute-api.us-east-1.amazonaws.com"
KEY = "smsr_acme_12345678_" + "s" * 49


@pytest.mark.parametrize(
    ("signed", "cause"),
    [
        (f"http://{HOST}/east{PATH}", "http_for_https"),
        (f"http://{HOST}:80/east{PATH}", "http_for_https"),
        (f"https://{HOST}{PATH}", "stage_path_missing"),
        (SOUTH + PATH, "other_stage"),
        (f"https://{HOST}:8443/east{PATH}", "port_signed"),
        (f"https://{HOST}:80/east{PATH}", "port_signed"),
        (URL + "/", "trailing_slash"),
        (URL.lower(), "path_case"),
        (f"{EAST}/{PATH}", "other_path"),
        (f"{EAST}/SmsRecv", "other_path"),
        (f"{EAST}/", "other_path"),
        (EAST, "other_path"),
        (URL + FRAGMENT, "fragment_signed"),
        (f"https://apikey@{HOST}/east{PATH}", "userinfo_signed"),
    ],
)
def test_names_what_is_wrong_with_the_url_that_was_signed(signed: str, cause: str) -> None:
    assert url_signed(signed) == [cause]


@pytest.mark.parametrize(
    ("called", "cause"),
    [
        (f"http://{HOST}/east{PATH}", "http_for_https"),
        (f"https://{HOST}{PATH}", "stage_path_missing"),
        (f"https://{HOST}:9999/east{PATH}", "port_signed"),
        (f"https://tunnel.example.net{PATH}", "other_host"),
        (f"https://tunnel.example.net/east{PATH}", "other_host"),
        (f"{EAST}/sms.receiver/smsrecv", "path_case"),
        (f"{EAST}/sms.receiver/Receive", "other_path"),
    ],
)
def test_names_what_is_wrong_when_the_operator_gives_the_very_url_that_was_signed(called: str, cause: str) -> None:
    assert url_signed(called, url=called) == [cause]


@pytest.mark.parametrize("called", [URL, f"https://apikey:{KEY}@{HOST}/east{PATH}{FRAGMENT}"])
def test_names_a_key_that_was_signed_with_the_url(called: str) -> None:
    signed = f"https://apikey:{KEY}@{HOST}/east{PATH}"
    assert url_signed(signed, url=called, pasted={"api-key": KEY}) == ["userinfo_signed"]


def test_names_a_key_that_is_in_the_url_that_was_called() -> None:
    signed = f"https://apikey:{KEY}@{HOST}/east{PATH}"
    diagnosis = seen(twilio_signature(signed, TEXT, TOKEN), url=signed)
    assert [mistake.cause for mistake in diagnosis.causes] == ["userinfo_signed"]
    assert KEY not in repr(diagnosis)


def test_names_another_fragment_that_was_signed() -> None:
    assert url_signed(URL + "#rc=5", url=URL + "#rc=5") == ["fragment_signed"]


@pytest.mark.parametrize(
    ("signed", "cause"),
    [
        (f"{CUSTOM}/east{PATH}", "stage_path_added"),
        (f"{CUSTOM}/south{PATH}", "stage_path_added"),
        (EAST + PATH, "other_host"),
        (f"https://sms-south.example.com{PATH}", "other_stage"),
        (f"http://sms-east.example.com{PATH}", "http_for_https"),
    ],
)
def test_names_what_is_wrong_on_a_domain_of_ones_own(signed: str, cause: str) -> None:
    assert url_signed(signed, url=CUSTOM + PATH, base_urls=WITH_DOMAIN) == [cause]


def test_names_the_stage_when_the_gateways_own_address_was_called() -> None:
    assert url_signed(CUSTOM + PATH, url=EAST + PATH, base_urls=WITH_DOMAIN) == ["other_host"]


@pytest.mark.parametrize(
    ("called", "signed", "cause"),
    [
        ("?tag=a+b", "?tag=a+b", "query_reencoded"),
        ("?tag=a%2Fb", "?tag=a/b", "query_reencoded"),
        ("?tag=a/b", "?tag=a/b", "query_reencoded"),
        ("?tag=caf%c3%a9", "?tag=caf%c3%a9", "query_reencoded"),
        ("?b=1&a=2", "?a=2&b=1", "query_order"),
        ("?a=1&b=2&a=3", "?a=1&b=2&a=3", "query_order"),
        ("?a=1", "", "query_dropped"),
    ],
)
def test_names_what_is_wrong_with_the_query(called: str, signed: str, cause: str) -> None:
    assert url_signed(URL + signed, url=URL + called) == [cause]


def test_accepts_a_query_that_the_receiver_writes_in_the_same_way() -> None:
    url = URL + "?a=1&b=x%20y"
    assert seen(twilio_signature(url, TEXT, TOKEN), url=url).genuine


@pytest.mark.parametrize(
    ("signed", "named"),
    [
        (f"http://{HOST}{PATH}", {"http_for_https", "stage_path_missing"}),
        (f"http://apikey@{HOST}/east{PATH}", {"http_for_https", "userinfo_signed"}),
        (f"{URL}/{FRAGMENT}", {"trailing_slash", "fragment_signed"}),
        (f"http://b2.execute-api.us-east-2.amazonaws.com/south{PATH}", {"http_for_https", "other_stage"}),
    ],
)
def test_names_two_mistakes_at_once(signed: str, named: set[str]) -> None:
    assert set(url_signed(signed)) == named


def test_says_that_another_url_was_signed_when_more_is_wrong_with_it_than_can_be_told() -> None:
    called = "http://tunnel.example.net:3000/hooks/inbound?a=b+c"
    diagnosis = seen(twilio_signature(called, TEXT, TOKEN), url=called)
    assert [(mistake.cause, mistake.about) for mistake in diagnosis.causes] == [("other_url", URL)]


@pytest.mark.parametrize("port", ["", ":443"])
def test_the_standard_port_is_no_mistake(port: str) -> None:
    url = f"https://{HOST}{port}/east{PATH}"
    assert seen(twilio_signature(url, TEXT, TOKEN), url=URL).genuine
    assert seen(twilio_signature(URL, TEXT, TOKEN), url=url).genuine


def test_expects_the_url_of_a_status_when_it_is_one() -> None:
    url = f"{EAST}{STATUS}/acme/SM1-1"
    assert seen(twilio_signature(url, TEXT, TOKEN), url=url).genuine
    assert url_signed(f"https://{HOST}{STATUS}/acme/SM1-1", url=url) == ["stage_path_missing"]


def test_expects_the_url_as_it_was_called_when_nothing_is_deployed() -> None:
    assert seen(twilio_signature(URL, TEXT, TOKEN), base_urls={"east": (), "south": ()}).genuine


def test_a_stage_alone_is_enough() -> None:
    assert url_signed(f"http://{HOST}/east{PATH}", base_urls={"east": BASES["east"], "south": ()}) == ["http_for_https"]
