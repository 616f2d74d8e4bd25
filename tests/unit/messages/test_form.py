"""A form's fields are those that the standard library reads, and what it would guess at is refused."""

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.messages.form import form_fields

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
pieces = st.sampled_from(
    ["a", "B", "é", "=", "&", ";", "+", " ", "%", "%2", "%20", "%2B", "%C3%A9", "%26", "%3d", "%00", "#"]
)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("", []),
        ("a=1&b=2", [("a", "1"), ("b", "2")]),
        ("a=1&a=2", [("a", "1"), ("a", "2")]),
        ("a=&b", [("a", ""), ("b", "")]),
        ("=x&&", [("", "x")]),
        ("a=b=c", [("a", "b=c")]),
        ("Body=one+two%2Bthree", [("Body", "one two+three")]),
        ("%C3%A9=%F0%9F%98%80", [("é", "😀")]),
        ("a=100%&b=%zz", [("a", "100%"), ("b", "%zz")]),
        ("a=1;b=2", [("a", "1;b=2")]),
    ],
)
def test_reads_names_and_values(body: str, fields: list[tuple[str, str]]) -> None:
    assert form_fields(body) == fields


@given(st.lists(st.tuples(any_text, any_text), max_size=12))
def test_reads_back_what_was_written(fields: list[tuple[str, str]]) -> None:
    assert form_fields(urlencode(fields)) == fields


@given(st.lists(pieces, max_size=20).map("".join) | any_text)
@example("é%A9=")
@example("%C3é=%A9")
def test_reads_any_form_as_the_standard_library_does(body: str) -> None:
    try:
        expected = parse_qsl(body, keep_blank_values=True, errors="strict")
    except ValueError:
        with pytest.raises(ValueError, match="utf-8"):
            form_fields(body)
    else:
        assert form_fields(body) == expected


@pytest.mark.parametrize("body", ["a=%FF", "%ED%A0%80=1", "a=%C3", "a=%C3%28"])
def test_refuses_what_is_not_utf_8(body: str) -> None:
    with pytest.raises(ValueError, match="utf-8"):
        form_fields(body)


def test_refuses_more_fields_than_a_message_can_have() -> None:
    assert len(form_fields("&".join(["a=b"] * 1000))) == 1000
    with pytest.raises(ValueError, match="1000 fields"):
        form_fields("&".join(["a=b"] * 1001))
