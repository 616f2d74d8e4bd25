"""The webhook's URL: made, read back, and described without its secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.numbers import webhook_url
from operations.twilio.connection_overrides import CONNECTION_OVERRIDES
from shared.public_paths import RECEIVE
from shared.tenants.agent import STAGES
from shared.tenants.tenant import Role
from tests.fakes import credential, tenant
from tests.numbers_fakes import BASES, east, south

MEMBER, KEY = credential()
READER, READERS_KEY = credential(Role.READER, name="dashboard")
REVOKED = credential(name="revoked")[1]
STRANGERS = credential(tenant_id="zeta")[1]
ACME = tenant(MEMBER, READER)
ELSEWHERE = "https://user:s3cret@other.example.com:8443/texts?token=s3cret#rc=1"

keys = st.from_regex(r"smsr_[a-z0-9]{3,32}_[0-9A-Za-z]{57}", fullmatch=True)
hosts = st.from_regex(r"https://[a-z][a-z0-9.-]{0,20}(:[1-9][0-9]{1,3})?(/[a-z]{1,8})?/?", fullmatch=True)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(base=hosts, key=keys)
def test_reads_back_the_url_that_it_made(base: str, key: str) -> None:
    url = webhook_url.webhook_url(base, key)
    assert webhook_url.key_in(url) == key
    bare = webhook_url.without_userinfo(url)
    assert bare == base.removesuffix("/") + RECEIVE + CONNECTION_OVERRIDES
    assert webhook_url.without_userinfo(bare) == bare
    assert key not in webhook_url.describe_url(url)
    assert webhook_url.describe_url(url).replace("apikey:***@", "") == bare


@given(
    user=st.from_regex(r"[^/?#@:\s]{0,8}", fullmatch=True),
    password=st.from_regex(r"[^/?#@\s]{6,12}", fullmatch=True),
    query=st.from_regex(r"[^#\s]{6,12}", fullmatch=True),
    fragment=anything,
)
def test_never_shows_the_password_or_the_query_of_any_url(user: str, password: str, query: str, fragment: str) -> None:
    url = f"https://{user}:{password}@other.example.com/texts?{query}#{fragment}"
    assert webhook_url.without_userinfo(url) == f"https://other.example.com/texts?{query}#{fragment}"
    assert webhook_url.key_in(url) == (password if user == "apikey" else None)
    description = webhook_url.describe_url(url)
    assert description.endswith(f"@other.example.com/texts?…#{fragment}")
    assert password not in description.partition("#")[0].replace("https://apikey:", "")


@given(anything)
def test_reads_any_text_from_the_provider_without_an_error(text: str) -> None:
    webhook_url.describe_url(text)
    webhook_url.describe_key(text, ACME)
    assert webhook_url.working_credential(text, ACME) is None
    assert webhook_url.is_ours(text, "acme") is False


@pytest.mark.parametrize(
    ("url", "key"),
    [
        (east(KEY), KEY),
        (f"https://apikey:{KEY}@h", KEY),
        ("https://apikey:@h/", ""),
        ("https://apikey@h/", None),
        ("https://user:password@h/", None),
        ("https://h/a@b", None),
        ("https://h/?apikey:x@y", None),
        ("https://h/#apikey:x@y", None),
        ("https://h", None),
        ("apikey:x@h", None),
        ("", None),
    ],
)
def test_finds_the_key_in_the_userinfo_and_nowhere_else(url: str, key: str | None) -> None:
    assert webhook_url.key_in(url) == key


@pytest.mark.parametrize(
    ("url", "description"),
    [
        ("", "none"),
        (ELSEWHERE, "https://***@other.example.com:8443/texts?…#rc=1"),
        ("https://other.example.com/texts", "https://other.example.com/texts"),
        ("s3cret", "not a URL"),
    ],
)
def test_describes_a_url_without_its_secrets(url: str, description: str) -> None:
    assert webhook_url.describe_url(url) == description


@pytest.mark.parametrize(
    ("url", "description", "works"),
    [
        (east(KEY), "of 'twilio'", True),
        (east(READERS_KEY), "of 'dashboard', a Reader's", False),
        (east(REVOKED), "revoked or unknown", False),
        (east(STRANGERS), "another tenant's", False),
        (east("nonsense"), "not one of ours", False),
        (east(KEY[:-1]), "not one of ours", False),
        (ELSEWHERE, "none", False),
        ("", "none", False),
    ],
)
def test_tells_whether_the_key_in_a_url_works(url: str, description: str, works: bool) -> None:  # noqa: FBT001
    assert webhook_url.describe_key(url, ACME) == description
    assert (webhook_url.working_credential(url, ACME) == MEMBER) is works


@pytest.mark.parametrize(
    ("url", "ours"),
    [(east(KEY), True), (east(REVOKED), True), (east(READERS_KEY), True), (east(STRANGERS), False), (ELSEWHERE, False)],
)
def test_a_url_is_ours_when_it_has_a_key_of_the_tenant_working_or_not(url: str, ours: bool) -> None:  # noqa: FBT001
    assert webhook_url.is_ours(url, "acme") is ours


def test_a_number_has_its_stages_url_and_the_others_as_fallback() -> None:
    assert webhook_url.urls(BASES, "east", KEY) == (east(KEY), south(KEY))
    assert webhook_url.urls(BASES, "south", KEY) == (south(KEY), east(KEY))
    assert webhook_url.urls({"east": BASES["east"]}, "east", KEY) == (east(KEY), "")
    assert webhook_url.urls({"south": BASES["south"]}, "east", KEY) == ("", south(KEY))
    assert set(BASES) == set(STAGES)
