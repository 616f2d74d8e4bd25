"""Proofs that a function does its work, before anything is measured."""

from collections.abc import Mapping

from bench import contract
from bench.contract import BrokenContractError
from bench.webhook_events import KEY, WRONG_KEY, Event, LocalServices
from tests.integration.events import authorizer_event, basic
from tests.integration.lambda_runtime import FunctionFailedError, Packaged


def no_proof(_function: Packaged, _services: LocalServices) -> None:
    """The proof of a floor that does no work: there is none."""


def answers_webhooks(function: Packaged, services: LocalServices) -> None:
    """Prove the statuses 200, 401 and 403, and one message for each genuine text. Raises BrokenContractError."""
    contract.prove(function.invoke, lambda: services.aws.queued, key=KEY)


def knows_keys(function: Packaged, _services: LocalServices) -> None:
    """Prove a policy for the good key and "Unauthorized" for another. Raises BrokenContractError."""
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


def keeps_statuses(function: Packaged, services: LocalServices, *, genuine: Event, forged: Event) -> None:
    """Prove that a forged status is refused, and a genuine one told to the backend once. Raises BrokenContractError."""
    for kind, event, expected in (("forged", forged, (403, 0)), ("genuine", genuine, (204, 1))):
        before = len(services.aws.queued)
        answer = function.invoke(event)["statusCode"], len(services.aws.queued) - before
        if answer != expected:
            message = f"A {kind} status was answered {answer[0]}, and {answer[1]} events were queued."
            raise BrokenContractError(message)


def empties_queues(function: Packaged, services: LocalServices, events: Mapping[int, Event]) -> None:
    """Prove that it sends one text for each message in an event. Raises BrokenContractError."""
    for messages, event in events.items():
        before = services.texts_sent()
        answer, sent = function.invoke(event), services.texts_sent() - before
        if answer != {"batchItemFailures": []} or sent != messages:
            message = f"An event of {messages} was answered {answer}, and {sent} texts left the function."
            raise BrokenContractError(message)
