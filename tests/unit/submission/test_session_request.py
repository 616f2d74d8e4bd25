"""What a request for a session may say; each refusal names the field, and never quotes a value."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Malformed, RequestRefused
from shared.messages.sessions import CONTEXT_BYTES_MAX
from shared.submission.body import RawRequest
from shared.submission.session_request import SessionEndRequest, SessionRequest, read_begin, read_end
from tests.fakes import ACCOUNT, OUR_NUMBER, PERSON

JSON = "application/json"
GOOD: dict[str, object] = {"from": OUR_NUMBER, "to": PERSON}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def raw(body: object, key: str | None = None) -> RawRequest:
    return RawRequest(JSON, body if isinstance(body, bytes) else json.dumps(body).encode(), key)


def of_size(size: int) -> dict[str, str]:
    """A context of so many bytes."""
    return {"a": "ü" * ((size - 8) // 2) + "x" * (size % 2)}


def test_reads_every_field() -> None:
    body = GOOD | {"context": {"order": 7}, "text": "Hello", "media_urls": ["https://a.example/"], "account": ACCOUNT}
    assert read_begin(raw(body, "order 7")) == SessionRequest(
        OUR_NUMBER, PERSON, {"order": 7}, "Hello", ("https://a.example/",), ACCOUNT, "order 7"
    )
    end = GOOD | {"session_id": "SE1"}
    assert read_end(raw(end, "over")) == SessionEndRequest(OUR_NUMBER, PERSON, "SE1", "over")


def test_needs_no_more_than_the_two_addresses() -> None:
    assert read_begin(raw(GOOD)) == SessionRequest(OUR_NUMBER, PERSON, None, "", (), None, None)
    assert read_end(raw(GOOD)) == SessionEndRequest(OUR_NUMBER, PERSON, None, None)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_a_context_is_kept_as_it_is(context: dict[str, object]) -> None:
    assert read_begin(raw(GOOD | {"context": context})).context == context


@pytest.mark.parametrize("size", [CONTEXT_BYTES_MAX - 1, CONTEXT_BYTES_MAX])
def test_a_context_may_be_as_large_as_that(size: int) -> None:
    context = of_size(size)
    assert len(json.dumps(context, separators=(",", ":"), ensure_ascii=False).encode()) == size
    assert read_begin(raw(GOOD | {"context": context})).context == context


@pytest.mark.parametrize(
    "context",
    [
        b'"order 7"',
        b"[]",
        b"7",
        b"true",
        b'{"a": 1e999}',
        b'{"a": [-1e999]}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": 1, "a": 2}',
        b'{"deep": {"a": 1, "a": 2}}',
        b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"a": ' + b"9" * 5000 + b"}",
        json.dumps(of_size(CONTEXT_BYTES_MAX + 1)).encode(),
    ],
    ids=lambda context: context[:30].decode(),
)
def test_what_is_no_context_is_refused_without_a_word_of_it(context: bytes) -> None:
    body = b'{"from": "%b", "to": "%b", "context": %b}' % (OUR_NUMBER.encode(), PERSON.encode(), context)
    with pytest.raises(Malformed) as refused:
        read_begin(raw(body))
    assert "order 7" not in str(refused.value)
    assert "999" not in str(refused.value)


@pytest.mark.parametrize("changes", [{"text": " "}, {"text": 5}, {"media_urls": ["http://a.example/"]}, {"text": "\n"}])
def test_a_first_message_must_be_one(changes: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        read_begin(raw(GOOD | changes))


@given(st.dictionaries(st.sampled_from(["from", "to", "context", "text", "session_id", "account", "x"]), VALUES))
def test_anything_else_is_refused_in_a_sentence(body: dict[str, object]) -> None:
    for read in (read_begin, read_end):
        with suppress(RequestRefused):
            read(raw(body))


def test_nothing_of_it_is_in_a_repr() -> None:
    body = GOOD | {"context": {"secret": "hidden"}, "text": "private"}
    shown = f"{read_begin(raw(body, 'key-7'))} {read_end(raw(GOOD, 'key-7'))} {raw(body, 'key-7')}"
    for private in (PERSON, OUR_NUMBER, "hidden", "private", "key-7"):
        assert private not in shown
