import pytest

from bench.arithmetic import Spread
from bench.targets import TargetResult, target_results
from tests.unit.bench.sample_results import sample_results

ALL = {(target.figure, target.against): target for target in target_results(sample_results())}


def test_each_target_is_listed_once() -> None:
    assert len(ALL) == len(list(target_results(sample_results()))) == 13


@pytest.mark.parametrize(
    ("figure", "against", "value"),
    [
        ("receiver, warm request, instructions", "tutorial, secret cached", 0.5),
        ("receiver, warm request, instructions", "tutorial, secret fetched each time", 0.2),
        ("receiver, warm request, instructions", "hand-made floor", 2.0),
        ("receiver, warm request, processor time", "Node, bundled", Spread(1, 1, 1)),
        ("authorizer, start-up, instructions", "receiver", 0.5),
        ("zip that the receiver loads", "tutorial's", 0.3),
        ("calls to AWS for a warm text", "", 1.0),
        ("log of an accepted text, receiver", "", 356.0),
        ("modules in the zip without valid bytecode", "", 0.0),
    ],
)
def test_a_target_is_compared_with_the_contestant_that_it_names(figure: str, against: str, value: object) -> None:
    assert ALL[figure, against].value == value


@pytest.mark.parametrize(("value", "reached"), [(0.59, True), (0.6, True), (0.61, False)])
def test_a_target_is_reached_up_to_its_limit(value: float, reached: bool) -> None:  # noqa: FBT001
    assert TargetResult("a", "b", 0.6, value).reached is reached


def test_a_time_counts_by_its_median() -> None:
    assert TargetResult("a", "b", 0.6, Spread(0.6, 0.5, 0.9)).reached
    assert not TargetResult("a", "b", 0.6, Spread(0.7, 0.5, 0.9)).reached
