"""Bodies that are no forms: their SHA-256 stands in the signed URL."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import FORM, TOKEN, URL, twilio_signature
from tests.signing import signature_matches

BODY = b'{"property": "value", "boolean": true}'
DIGEST = hashlib.sha256(BODY).hexdigest()
JSON = "application/json"


def matches(url: str, body: bytes = BODY, content_type: str = JSON) -> bool:
    """Whether the body is accepted with a good signature over the URL."""
    signature = twilio_signature(url, [], TOKEN)
    return signature_matches(url=url, body=body, content_type=content_type, signature=signature, tokens=[TOKEN])


@pytest.mark.parametrize("query", ["bodySHA256={}", "a=1&bodySHA256={}", "bodySHA256={}&a=1"])
def test_accepts_a_body_whose_digest_was_signed(query: str) -> None:
    assert matches(f"{URL}?{query.format(DIGEST)}")
    assert matches(f"{URL}?{query.format(DIGEST)}", content_type="")


def test_accepts_a_digest_in_upper_case() -> None:
    assert matches(f"{URL}?bodySHA256={DIGEST.upper()}")


def test_accepts_no_body_and_no_digest() -> None:
    assert matches(URL, body=b"", content_type="")


@given(st.binary(max_size=100))
def test_accepts_any_bytes_whose_digest_was_signed(body: bytes) -> None:
    assert matches(f"{URL}?bodySHA256={hashlib.sha256(body).hexdigest()}", body)


@pytest.mark.parametrize("body", [b"", BODY + b"\n", BODY.replace(b"true", b"false"), b"\xff" + BODY, BODY[:-1]])
def test_refuses_another_body_under_a_good_signature(body: bytes) -> None:
    assert not matches(f"{URL}?bodySHA256={DIGEST}", body)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?bodySHA256=",
        f"?bodySHA256={DIGEST[:-1]}",
        f"?bodySHA256={DIGEST}0",
        f"?bodysha256={DIGEST}",
        "?bodySHA256=%C3%A9",
        f"?bodySHA256=x&bodySHA256={DIGEST}",
        f"#bodySHA256={DIGEST}",
    ],
)
def test_refuses_a_body_whose_digest_was_not_signed(query: str) -> None:
    assert not matches(URL + query)


def test_refuses_a_body_whose_digest_stands_in_the_fragment_only() -> None:
    signature = twilio_signature(URL, [], TOKEN)
    url = f"{URL}#?bodySHA256={DIGEST}"
    assert not signature_matches(url=url, body=BODY, content_type=JSON, signature=signature, tokens=[TOKEN])


def test_a_digest_does_not_stand_in_for_the_fields_of_a_form() -> None:
    form = b"Body=hello"
    assert not matches(f"{URL}?bodySHA256={hashlib.sha256(form).hexdigest()}", form, content_type=FORM)
