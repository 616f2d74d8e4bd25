"""The names of what is logged and counted, and what an act measures on its way."""

from shared.telemetry import BY, LogEvent, Measurements, Metric


def test_every_name_is_one_thing_only() -> None:
    names = [*LogEvent, *Metric]
    assert len({name.value for name in names}) == len(names)
    assert BY.keys() <= {name.value for name in names}
    assert set(Metric) <= BY.keys(), "a metric without its dimensions cannot be recorded"


def test_dimensions_are_few_and_none_names_a_tenant_or_a_person() -> None:
    assert {by for by in BY.values() if by} == {"reason", "would_refuse", "error_code"}


def test_measures_add_up_until_they_are_taken() -> None:
    measurements = Measurements()
    measurements.add(Metric.BACKEND_MS, 100)
    measurements.add(Metric.BACKEND_MS, 20)
    measurements.add(Metric.DUPLICATE)
    assert measurements.take() == {Metric.BACKEND_MS: 120, Metric.DUPLICATE: 1}
    assert measurements.take() == {}
