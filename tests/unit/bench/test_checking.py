import pytest

from bench.checking import NotComparableError, insist_comparable, worse
from tests.unit.bench.found import found


def test_nothing_is_worse_than_itself() -> None:
    assert list(worse(found(), found())) == []


@pytest.mark.parametrize(("value", "sentences"), [(2.09, 0), (2.1, 0), (2.11, 1), (1.0, 0)])
def test_more_than_five_percent_is_worse(value: float, sentences: int) -> None:
    now = found(counted={"warm": {"handmade": 1.0, "ours": value}})
    assert len(list(worse(found(), now))) == sentences


def test_a_worse_figure_is_named_with_what_it_was() -> None:
    now = found(counted={"refused": {"ours": 3.0}})
    assert list(worse(found(), now)) == ["refused of ours was 2 and is 3, 50.0% worse"]


@pytest.mark.parametrize("figure", ["zip_bytes", "unpacked_bytes", "log_bytes", "cold_calls", "warm_calls"])
def test_bytes_and_calls_are_compared(figure: str) -> None:
    now = found(plain={figure: {"ours": found().plain[figure]["ours"] * 1.06}})
    assert len(list(worse(found(), now))) == 1


def test_a_first_module_without_bytecode_is_worse() -> None:
    now = found(plain={"uncompiled": {"ours": 1.0}})
    assert list(worse(found(), now)) == ["uncompiled of ours was 0 and is 1"]


def test_memory_which_scatters_is_not_compared() -> None:
    assert list(worse(found(), found(plain={"memory_bytes": {"ours": 1e9}}))) == []


def test_times_are_not_compared() -> None:
    assert list(worse(found(), found(timed={}))) == []


def test_the_floor_itself_may_be_what_it_likes() -> None:
    assert list(worse(found(), found(plain={"zip_bytes": {"handmade": 1e9}}))) == []


def test_another_python_is_not_compared() -> None:
    with pytest.raises(NotComparableError, match=r"3\.13 and this is 3\.14"):
        insist_comparable(found(), "3.14")


def test_the_same_python_is_compared() -> None:
    insist_comparable(found(), "3.13")
