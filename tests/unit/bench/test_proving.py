"""A function that does not do its work must not pass for one that does."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.contract import BrokenContractError
from bench.proving import empties_queues, knows_keys
from bench.texts import KEY, World
from tests.integration.aws_stub import AwsStub
from tests.integration.events import basic
from tests.integration.lambda_runtime import FunctionFailedError, Packaged

ALLOWED = {"policyDocument": {"Statement": [{"Effect": "Allow"}]}}
DENIED = {"policyDocument": {"Statement": [{"Effect": "Deny"}]}}
DONE: dict[str, Any] = {"batchItemFailures": []}


def function(invoke: Callable[[dict[str, Any]], Any]) -> Packaged:
    return cast("Packaged", SimpleNamespace(invoke=invoke))


def world(left: list[None]) -> World:
    return World(AwsStub(), {}, lambda: len(left))


def authorizer(good: Any, wrong: Any) -> Packaged:  # noqa: ANN401 - an answer, or what is raised
    def invoke(event: dict[str, Any]) -> Any:  # noqa: ANN401
        said = good if event["headers"]["Authorization"] == basic(KEY) else wrong
        if isinstance(said, Exception):
            raise said
        return said

    return function(invoke)


def test_an_authorizer_that_tells_keys_apart_passes() -> None:
    knows_keys(authorizer(ALLOWED, FunctionFailedError("Unauthorized")), world([]))


def test_an_authorizer_that_allows_every_key_does_not_pass() -> None:
    with pytest.raises(BrokenContractError, match="wrong key was allowed"):
        knows_keys(authorizer(ALLOWED, ALLOWED), world([]))


def test_an_authorizer_that_denies_a_good_key_does_not_pass() -> None:
    with pytest.raises(BrokenContractError, match="good key was not allowed"):
        knows_keys(authorizer(DENIED, FunctionFailedError("Unauthorized")), world([]))


def test_an_authorizer_that_fails_at_a_wrong_key_does_not_pass() -> None:
    with pytest.raises(FunctionFailedError, match="ResourceNotFound"):
        knows_keys(authorizer(ALLOWED, FunctionFailedError("ResourceNotFound")), world([]))


def worker(left: list[None], texts: int, answer: object) -> Packaged:
    def invoke(_event: dict[str, Any]) -> object:
        left.extend([None] * texts)
        return answer

    return function(invoke)


def test_a_worker_that_lets_each_text_out_once_passes() -> None:
    left: list[None] = []
    empties_queues(worker(left, 3, DONE), world(left), {3: {}})


@pytest.mark.parametrize("texts", [0, 2, 4])
def test_a_worker_that_loses_or_repeats_a_text_does_not_pass(texts: int) -> None:
    left: list[None] = []
    with pytest.raises(BrokenContractError, match=f"and {texts} texts left"):
        empties_queues(worker(left, texts, DONE), world(left), {3: {}})


def test_a_worker_that_wants_a_text_again_does_not_pass() -> None:
    left: list[None] = []
    again = {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    with pytest.raises(BrokenContractError, match="itemIdentifier"):
        empties_queues(worker(left, 1, again), world(left), {1: {}})
