import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.arithmetic import Spread, difference, per_text, ratios, spread


def test_a_texts_cost_is_its_share_of_the_longer_runs_surplus() -> None:
    assert per_text(1000 + 10 * 7, 1000 + 50 * 7, texts=40) == 7


@given(start=st.integers(0, 10**10), each=st.integers(1, 10**8), fewer=st.integers(0, 50), more=st.integers(1, 50))
def test_a_texts_cost_does_not_depend_on_the_start(start: int, each: int, fewer: int, more: int) -> None:
    short, long = (start + texts * each for texts in (fewer, fewer + more))
    assert per_text(short, long, texts=more) == each


def test_a_spread_is_the_median_and_the_middle_half() -> None:
    assert spread([5, 1, 4, 2, 3]) == Spread(3, 2, 4)


def test_each_round_is_compared_with_itself() -> None:
    assert ratios([2, 30], [1, 10]) == [2, 3]


def test_incomplete_rounds_are_not_compared() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios([1, 2], [1])


def test_a_difference_is_the_same_both_ways() -> None:
    assert difference(100, 101) == difference(101, 100) == 0.01
