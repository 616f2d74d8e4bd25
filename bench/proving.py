"""That a function does its work, before anything about it is measured."""

from collections.abc import Mapping

from bench import contract
from bench.contract import BrokenContractError
from bench.texts import KEY, WRONG_KEY, Event, World
from tests.integration.events import authorizer_event, basic
from tests.integration.lambda_runtime import FunctionFailedError, Packaged


def nothing(_function: Packaged, _world: World) -> None:
    """Of a floor that does no work."""


def answers_webhooks(function: Packaged, world: World) -> None:
    """200, 401 and 403, and one message for each genuine text. Raises BrokenContractError."""
    contract.prove(function.invoke, lambda: world.aws.queued, key=KEY)


def knows_keys(function: Packaged, _world: World) -> None:
    """A policy for a good key, "Unauthorized" for another. Raises BrokenContractError."""
    policy = function.invoke(authorizer_event(basic(KEY)))
    if policy["policyDocument"]["Statement"][0]["Effect"] != "Allow":
        message = "A good key was not allowed."
        raise BrokenContractError(message)
    try:
        function.invoke(authorizer_event(basic(WRONG_KEY)))
    except FunctionFailedError as error:
        if "Unauthorized" not in str(error):
            raise
    else:
        message = "A wrong key was allowed."
        raise BrokenContractError(message)


def empties_queues(function: Packaged, world: World, events: Mapping[int, Event]) -> None:
    """One text leaves it for each of the messages that an event has. Raises BrokenContractError."""
    for messages, event in events.items():
        before = world.given()
        answer, left = function.invoke(event), world.given() - before
        if answer != {"batchItemFailures": []} or left != messages:
            message = f"An event of {messages} was answered {answer}, and {left} texts left the function."
            raise BrokenContractError(message)
