"""A function that does not do its work must not pass for one that does."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.contract import BrokenContractError
from bench.proving import empties_queues, keeps_statuses, knows_keys
from bench.webhook_events import KEY, LocalServices
from tests.integration.aws_stub import AwsStub
from tests.integration.events import basic
from tests.integration.lambda_runtime import FunctionFailedError, Packaged

ALLOWED = {"policyDocument": {"Statement": [{"Effect": "Allow"}]}}
DENIED = {"policyDocument": {"Statement": [{"Effect": "Deny"}]}}
DONE: dict[str, Any] = {"batchItemFailures": []}


def function(invoke: Callable[[dict[str, Any]], Any]) -> Packaged:
    return cast("Packaged", SimpleNamespace(invoke=invoke))


def local_services(sent: list[None]) -> LocalServices:
    return LocalServices(AwsStub(), {}, lambda: len(sent))


def authorizer(good: Any, wrong: Any) -> Packaged:  # noqa: ANN401 - an answer, or what is raised
    def invoke(event: dict[str, Any]) -> Any:  # noqa: ANN401
        result = good if event["headers"]["Authorization"] == basic(KEY) else wrong
        if isinstance(result, Exception):
            raise result
        return result

    return function(invoke)


def test_an_authorizer_that_tells_keys_apart_passes() -> None:
    knows_keys(authorizer(ALLOWED, FunctionFailedError("Unauthorized")), local_services([]))


def test_an_authorizer_that_allows_every_key_does_not_pass() -> None:
    with pytest.raises(BrokenContractError, match="wrong key was allowed"):
        knows_keys(authorizer(ALLOWED, ALLOWED), local_services([]))


def test_an_authorizer_that_denies_a_good_key_does_not_pass() -> None:
    with pytest.raises(BrokenContractError, match="good key was not allowed"):
        knows_keys(authorizer(DENIED, FunctionFailedError("Unauthorized")), local_services([]))


def test_an_authorizer_that_crashes_on_a_wrong_key_does_not_pass() -> None:
    with pytest.raises(FunctionFailedError, match="ResourceNotFound"):
        knows_keys(authorizer(ALLOWED, FunctionFailedError("ResourceNotFound")), local_services([]))


def receiver_of_statuses(stub: AwsStub, forged: tuple[int, int], genuine: tuple[int, int]) -> Packaged:
    """A function that answers each kind of status with a code, and queues so many events for it."""

    def invoke(event: dict[str, Any]) -> dict[str, int]:
        code, events = forged if event["forged"] else genuine
        stub.queued.extend([{}] * events)
        return {"statusCode": code}

    return function(invoke)


def prove_statuses(*, forged: tuple[int, int], genuine: tuple[int, int]) -> None:
    stub = AwsStub()
    services = LocalServices(stub, {}, lambda: len(stub.queued))
    made = receiver_of_statuses(stub, forged, genuine)
    keeps_statuses(made, services, genuine={"forged": False}, forged={"forged": True})


def test_a_receiver_of_statuses_that_refuses_forged_ones_and_tells_of_genuine_ones_passes() -> None:
    prove_statuses(forged=(403, 0), genuine=(204, 1))


@pytest.mark.parametrize("forged", [(204, 1), (204, 0), (403, 1)])
def test_a_receiver_that_believes_a_forged_status_does_not_pass(forged: tuple[int, int]) -> None:
    with pytest.raises(BrokenContractError, match="A forged status"):
        prove_statuses(forged=forged, genuine=(204, 1))


@pytest.mark.parametrize("genuine", [(403, 0), (204, 0), (204, 2)])
def test_a_receiver_that_loses_or_repeats_a_genuine_status_does_not_pass(genuine: tuple[int, int]) -> None:
    with pytest.raises(BrokenContractError, match="A genuine status"):
        prove_statuses(forged=(403, 0), genuine=genuine)


def worker(sent: list[None], texts: int, answer: object) -> Packaged:
    def invoke(_event: dict[str, Any]) -> object:
        sent.extend([None] * texts)
        return answer

    return function(invoke)


def test_a_worker_that_sends_each_text_once_passes() -> None:
    sent: list[None] = []
    empties_queues(worker(sent, 3, DONE), local_services(sent), {3: {}})


@pytest.mark.parametrize("texts", [0, 2, 4])
def test_a_worker_that_loses_or_repeats_a_text_does_not_pass(texts: int) -> None:
    sent: list[None] = []
    with pytest.raises(BrokenContractError, match=f"and {texts} texts left"):
        empties_queues(worker(sent, texts, DONE), local_services(sent), {3: {}})


def test_a_worker_that_leaves_a_text_in_the_queue_does_not_pass() -> None:
    sent: list[None] = []
    again = {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    with pytest.raises(BrokenContractError, match="itemIdentifier"):
        empties_queues(worker(sent, 1, again), local_services(sent), {1: {}})
