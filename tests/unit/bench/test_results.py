import pytest

from bench import results
from bench.arithmetic import Spread
from bench.timing import COLD_CPU, WARM_CPU, Round
from tests.unit.bench.sample_results import sample_results

FLOOR = {"start": 10.0, "warm": 2.0}


def a_round(**cpu: float) -> Round:
    return {name: dict.fromkeys((*results.TIMED,), seconds) for name, seconds in cpu.items()}


ROUNDS = [
    a_round(empty=1, node_empty=2, handmade=2, tutorial=5, node_express_bundled=10, ours=3),
    a_round(empty=2, node_empty=4, handmade=4, tutorial=10, node_express_bundled=20, ours=6),
]


def test_saved_results_are_read_unchanged() -> None:
    assert results.loads(sample_results().dumps()) == sample_results()


def test_a_figure_is_divided_by_the_floors_same_figure() -> None:
    assert results.by_floor({"handmade": FLOOR, "ours": {"start": 30.0, "warm": 5.0}}) == {
        "start": {"handmade": 1, "ours": 3},
        "warm": {"handmade": 1, "ours": 2.5},
    }


def test_a_figure_that_the_floor_lacks_is_divided_by_its_warm_request() -> None:
    assert results.by_floor({"handmade": FLOOR, "forwarder": {"batch": 8.0}})["batch"] == {"forwarder": 4}


def test_nothing_is_subtracted_from_a_start() -> None:
    assert results.timed(ROUNDS)[COLD_CPU]["ours"]["handmade"] == Spread(1.5, 1.5, 1.5)


def test_the_harness_is_subtracted_from_a_warm_request() -> None:
    ours = results.timed(ROUNDS)[WARM_CPU]["ours"]
    assert ours["handmade"] == Spread(2, 2, 2)
    assert ours["node_express_bundled"] == Spread(0.25, 0.25, 0.25)


@pytest.mark.parametrize("floor", ["empty", "node_empty"])
def test_an_empty_floor_has_no_warm_request(floor: str) -> None:
    timed = results.timed(ROUNDS)
    assert floor in timed[COLD_CPU]
    assert floor not in timed[WARM_CPU]
