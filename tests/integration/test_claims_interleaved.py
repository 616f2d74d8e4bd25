"""However two Lambdas get into each other's way, and wherever they crash: one effect is recorded, for all to hear."""

import uuid
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.fakes import Crash
from tests.integration.interleaving import Mistake, Worker
from tests.integration.tables import Tables

STEPS_MAX = 200
FATES = st.sampled_from([None, None, None, None, Crash, Mistake])
SCHEDULES = st.lists(st.tuples(st.sampled_from([0, 1]), FATES), max_size=40)
Schedule = Sequence[tuple[int, type[BaseException] | None]]


def play(tables: Tables, schedule: Schedule) -> tuple[Worker, Worker]:
    """Two workers after they went through the schedule, and then on without crashes until both have a result."""
    key, log = uuid.uuid4().hex, list[object]()
    workers = Worker(tables, key, log), Worker(tables, key, log)

    def step(number: int, fate: type[BaseException] | None) -> None:
        workers[number].step(fate() if fate else None)
        assert not all(worker.acting for worker in workers), "two act at the same time"

    for number, fate in schedule:
        step(number, fate)
    for number in range(STEPS_MAX):
        if all(worker.results and not worker.busy for worker in workers):
            break
        if workers[number % 2].busy or not workers[number % 2].results:
            step(number % 2, None)
    return workers


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schedule=SCHEDULES)
@example(schedule=[(0, None)] * 4 + [(1, None)] * 4)
@example(schedule=[(0, None)] * 3 + [(0, Crash)] + [(1, None)] * 3)
@example(schedule=[(0, None)] * 4 + [(0, Crash)] + [(1, None)] * 3 + [(0, None)] * 9)
def test_one_effect_is_recorded_and_everybody_gets_its_result(tables: Tables, schedule: Schedule) -> None:
    workers = play(tables, schedule)
    assert sum(worker.completed for worker in workers) == 1, "it was recorded more or less than once"
    results = [result for worker in workers for result in worker.results]
    assert all(worker.results for worker in workers)
    assert all(result == results[0] for result in results), "two results went round"


def test_the_schedules_above_make_the_workers_collide(tables: Tables) -> None:
    first, second = play(tables, [(0, None), (0, None), (0, None), (1, None), (1, None), (1, None)])
    assert first.in_progress + second.in_progress > 0
    assert first.completed + second.completed == 1


@pytest.mark.parametrize(("stops", "acts"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 1)])
def test_a_crash_before_the_record_makes_the_other_act_again_and_one_after_it_does_not(
    tables: Tables, stops: int, acts: int
) -> None:
    crashing: Schedule = [(0, None)] * (stops + 1) + [(0, Crash)]
    first, second = play(tables, [*crashing, *[(1, None)] * 10])
    assert len(first.log) == acts
    assert first.completed + second.completed == 1


def test_a_mistake_of_the_action_lets_the_other_act_at_once(tables: Tables) -> None:
    first, second = play(tables, [(0, None)] * 3 + [(0, Mistake)] + [(0, None)] * 2 + [(1, None)] * 6)
    assert len(first.log) == 2
    assert second.completed == 1
