"""Reading the fragment of a webhook URL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.overrides import POLICIES, InvalidRetryPolicy, Overrides


def test_reads_all_overrides() -> None:
    assert Overrides.parse("ct=2000&rt=5000&tt=14000&rc=2&rp=ct,rt,5xx") == Overrides(
        connect_milliseconds=2000,
        read_milliseconds=5000,
        total_milliseconds=14000,
        retries=2,
        policies=frozenset({"ct", "rt", "5xx"}),
    )


@pytest.mark.parametrize("fragment", ["", "e=ashburn,dublin&sni=y", "rc", "=", "&&", "RC=3"])
def test_leaves_the_defaults_where_nothing_is_set(fragment: str) -> None:
    assert Overrides.parse(fragment) == Overrides(5000, 15000, None, 1, frozenset({"ct"}))


@pytest.mark.parametrize("value", ["99", "10001", "-1", "", "1e3", "2000.0", " 2000", "٢٠٠٠", "9" * 5000])
def test_a_number_out_of_range_leaves_the_default(value: str) -> None:
    assert Overrides.parse(f"ct={value}").connect_milliseconds == 5000


@pytest.mark.parametrize(
    ("fragment", "retries"), [("rc=0", 0), ("rc=5", 5), ("rc=6", 1), ("rc=2&rc=3", 3), ("rc=%33", 3)]
)
def test_retries_go_from_none_to_five(fragment: str, retries: int) -> None:
    assert Overrides.parse(fragment).retries == retries


@given(
    st.integers(100, 10000),
    st.integers(100, 15000),
    st.integers(100, 15000),
    st.integers(0, 5),
    st.permutations([*POLICIES]),
)
def test_every_value_in_range_is_taken(connect: int, read: int, total: int, retries: int, policies: list[str]) -> None:
    overrides = Overrides.parse(f"rp={','.join(policies)}&tt={total}&rc={retries}&rt={read}&ct={connect}")
    assert overrides == Overrides(connect, read, total, retries, frozenset(policies))


@given(st.text())
def test_any_fragment_gives_values_in_range_or_a_wrong_policy(fragment: str) -> None:
    try:
        overrides = Overrides.parse(fragment)
    except InvalidRetryPolicy:
        assert "rp" in fragment
        return
    assert 100 <= overrides.connect_milliseconds <= 10000
    assert 100 <= overrides.read_milliseconds <= 15000
    assert overrides.total_milliseconds is None or 100 <= overrides.total_milliseconds <= 15000
    assert 0 <= overrides.retries <= 5


@pytest.mark.parametrize("policy", ["", "6xx", "ct;rt", "ct,", "ct, rt"])
def test_refuses_a_policy_that_does_not_exist(policy: str) -> None:
    with pytest.raises(InvalidRetryPolicy):
        Overrides.parse(f"rp={policy}")


@pytest.mark.parametrize(
    ("policy", "statuses"),
    [("ct", []), ("rt", []), ("4xx", [400, 404, 429]), ("5xx", [500, 503]), ("all", [400, 404, 429, 500, 503])],
)
def test_each_policy_tries_its_own_statuses_again(policy: str, statuses: list[int]) -> None:
    overrides = Overrides.parse(f"rp={policy}")
    assert [status for status in (200, 302, 400, 404, 429, 500, 503) if overrides.retry_status(status)] == statuses


@pytest.mark.parametrize(("policy", "kinds"), [("ct", ["ct"]), ("rt", ["rt"]), ("4xx", []), ("all", ["ct", "rt", ""])])
def test_each_policy_tries_its_own_failures_again(policy: str, kinds: list[str]) -> None:
    overrides = Overrides.parse(f"rp={policy}")
    assert [kind for kind in ("ct", "rt", "") if overrides.retry_failure(kind)] == kinds
