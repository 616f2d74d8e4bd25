import pytest

from bench.comparing import NotComparableError, require_comparable, worse
from tests.unit.bench.sample_results import sample_results


def test_nothing_is_worse_than_itself() -> None:
    assert list(worse(sample_results(), sample_results())) == []


@pytest.mark.parametrize(("value", "sentences"), [(2.09, 0), (2.1, 0), (2.11, 1), (1.0, 0)])
def test_more_than_five_percent_is_worse(value: float, sentences: int) -> None:
    current = sample_results(counted={"warm": {"handmade": 1.0, "ours": value}})
    assert len(list(worse(sample_results(), current))) == sentences


def test_a_worse_figure_is_named_with_its_previous_value() -> None:
    current = sample_results(counted={"refused": {"ours": 3.0}})
    assert list(worse(sample_results(), current)) == ["refused of ours was 2 and is 3, 50.0% worse"]


@pytest.mark.parametrize("figure", ["zip_bytes", "unpacked_bytes", "log_bytes", "cold_calls", "warm_calls"])
def test_bytes_and_calls_are_compared(figure: str) -> None:
    current = sample_results(plain={figure: {"ours": sample_results().plain[figure]["ours"] * 1.06}})
    assert len(list(worse(sample_results(), current))) == 1


def test_a_first_module_without_bytecode_is_worse() -> None:
    current = sample_results(plain={"uncompiled": {"ours": 1.0}})
    assert list(worse(sample_results(), current)) == ["uncompiled of ours was 0 and is 1"]


def test_memory_is_not_compared_because_it_scatters() -> None:
    assert list(worse(sample_results(), sample_results(plain={"memory_bytes": {"ours": 1e9}}))) == []


def test_times_are_not_compared() -> None:
    assert list(worse(sample_results(), sample_results(timed={}))) == []


def test_a_function_that_was_not_measured_then_is_not_compared() -> None:
    assert list(worse(sample_results(), sample_results(counted={"warm": {"large": 9.0}}))) == []


def test_the_floor_itself_is_not_compared() -> None:
    assert list(worse(sample_results(), sample_results(plain={"zip_bytes": {"handmade": 1e9}}))) == []


def test_another_python_is_not_compared() -> None:
    with pytest.raises(NotComparableError, match=r"3\.13 and this is 3\.14"):
        require_comparable(sample_results(), "3.14")


def test_the_same_python_is_compared() -> None:
    require_comparable(sample_results(), "3.13")
