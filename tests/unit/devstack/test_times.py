"""The local stack's short waits: as short as possible, and in the same order as in production."""

import pytest

from devstack.backend import LocalBackend
from devstack.deployment import SHORT
from tests.unit.docs.test_docs import SERVERLESS

PRODUCTION = SERVERLESS["params"]["default"]
LOCAL = {**PRODUCTION, **SHORT}
AWS_SECONDS = 1  # for the calls to the local AWS, on a busy computer


def seconds(name: str) -> float:
    return float(LOCAL[name])


def parts(times: str | float) -> list[float]:
    return [float(part) for part in str(times).split(",")]


def test_shortens_only_parameters_that_exist() -> None:
    assert SHORT.keys() <= PRODUCTION.keys()


@pytest.mark.parametrize("name", SHORT)
def test_nothing_takes_longer_than_in_production(name: str) -> None:
    ours, theirs = parts(SHORT[name]), parts(PRODUCTION[name])
    assert len(ours) == len(theirs), "as many tries"
    assert all(mine < real for mine, real in zip(ours, theirs, strict=True))


def test_both_backends_may_take_all_their_time_within_one_run_of_the_forwarder() -> None:
    each = LocalBackend().settings().timeout_seconds
    assert 2 * each + AWS_SECONDS <= seconds("forwarderTimeoutSeconds")


def test_a_reply_may_be_looked_for_and_sent_within_one_run_of_the_sender() -> None:
    assert 2 * seconds("providerTimeoutSeconds") + AWS_SECONDS <= seconds("senderTimeoutSeconds")


@pytest.mark.parametrize("worker", ["forwarder", "sender"])
def test_no_message_comes_again_while_somebody_may_still_be_at_it(worker: str) -> None:
    assert seconds(f"{worker}TimeoutSeconds") < seconds(f"{worker}VisibilitySeconds")


@pytest.mark.parametrize(
    "name", ["retryDelaysSeconds", "statusRetryDelaysSeconds", "resendDelaysSeconds", "outageDelaysSeconds"]
)
def test_a_message_comes_again_in_whole_seconds_as_sqs_counts_them(name: str) -> None:
    assert all(delay >= 1 and delay.is_integer() for delay in parts(LOCAL[name]))
