"""A URL's query, which API Gateway takes apart, is written again in one way."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages.inbound import rewritten_query

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({}, ""),
        ({"agent": ["b"]}, "?agent=b"),
        ({"b": ["1"], "a": ["2"]}, "?b=1&a=2"),
        ({"a": ["1", "3"], "b": ["2"]}, "?a=1&a=3&b=2"),
        ({"a": [""]}, "?a="),
        ({"a b": ["x y/é+&=#"]}, "?a%20b=x%20y%2F%C3%A9%2B%26%3D%23"),
    ],
)
def test_writes_a_query_again(parameters: dict[str, list[str]], query: str) -> None:
    assert rewritten_query(parameters) == query


@given(st.dictionaries(any_text, st.lists(any_text, min_size=1, max_size=3), min_size=1, max_size=4))
def test_a_query_that_was_written_again_says_the_same(parameters: dict[str, list[str]]) -> None:
    query = rewritten_query(parameters)
    assert parse_qs(query.removeprefix("?"), keep_blank_values=True) == parameters
