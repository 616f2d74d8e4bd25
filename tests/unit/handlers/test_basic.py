"""`Authorization: Basic`: the key comes out, or InvalidKey does, whatever was sent."""

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.basic import api_key
from shared.errors import InvalidKey


def basic(credentials: str | bytes) -> str:
    raw = credentials if isinstance(credentials, bytes) else credentials.encode()
    return "Basic " + base64.b64encode(raw).decode()


@pytest.mark.parametrize("key", ["smsr_acme_x", "with:colons:inside", " spaces ", "é"])
def test_gives_the_password_of_the_user_apikey(key: str) -> None:
    assert api_key(basic("apikey:" + key)) == key


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", "Basic  "])
def test_takes_the_scheme_in_any_case(scheme: str) -> None:
    assert api_key(basic("apikey:key").replace("Basic", scheme)) == "key"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        " ",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic é",
        "Basic " + "A" * 5,
        basic("apikey"),
        basic("apikey:"),
        basic(":key"),
        basic("APIKEY:key"),
        basic("apikey :key"),
        basic("admin:key"),
        basic(b"apikey:\xff"),
        basic("apikey:key").replace("Basic ", "Basic"),
        basic("apikey:key").replace("Basic", "Bearer"),
        basic("apikey:key").replace("Basic", "Digest"),
        basic("apikey:key") + ", " + basic("apikey:key"),
        "Bearer key",
        "apikey:key",
        'Digest username="apikey", password="key"',
        "Basic username=apikey, password=key",
    ],
)
def test_refuses_everything_else(header: str | None) -> None:
    with pytest.raises(InvalidKey):
        api_key(header)


@given(st.text(st.characters()), st.sampled_from(["", "Basic ", "basic ", "Digest ", "Bearer "]))
@example("a*=x''%ff", "Digest ")
@example('a="', "Digest ")
def test_never_raises_anything_but_invalid_key(rest: str, scheme: str) -> None:
    try:
        key = api_key(scheme + rest)
    except InvalidKey:
        return
    assert key
