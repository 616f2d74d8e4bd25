"""Calling one webhook URL as often as its overrides say.

Only what the retry policy names is tried again, within the total time (Twilio docs: "Webhooks (HTTP callbacks):
Connection Overrides"). Whether the request before a challenge counts as a try is not documented: here it does not, but
it does take of the total time.
"""

from dataclasses import replace

from twin.address import WebhookUrl
from twin.attempts import Attempt, Outcome
from twin.failures import Failure
from twin.limits import Limits
from twin.overrides import InvalidRetryPolicy, Overrides
from twin.signing import Fields
from twin.tries import Sender, Try


def call(  # noqa: PLR0913 -- who calls, what, how, with what, and at what speed
    sender: Sender, kind: str, url: WebhookUrl, method: str, fields: Fields, *, time_scale: float
) -> Outcome:
    """Call a webhook with one form.

    Args:
        sender: What sends.
        kind: `primary`, `fallback` or `status_callback`.
        url: The URL as configured, with its credentials and overrides.
        method: `GET` or `POST`.
        fields: The form.
        time_scale: What every wait is multiplied by.

    Returns:
        What came of the last try, with the requests of all tries. Nothing is raised for what a receiver does.
    """
    try:
        overrides = Overrides.parse(url.fragment)
    except InvalidRetryPolicy:
        return Outcome(Failure.INVALID_RETRY_POLICY, None, (), ())
    limits = Limits.start(overrides, time_scale)
    attempts: list[Attempt] = []
    number = 0
    while True:
        number += 1
        outcome = Try(sender, limits, kind, number).run(url, method, fields)
        attempts += outcome.attempts
        if number > overrides.retries or not limits.remaining_seconds or not _again(outcome, overrides):
            return replace(outcome, attempts=tuple(attempts))


def _again(outcome: Outcome, overrides: Overrides) -> bool:
    if outcome.failure is None:
        return False
    if outcome.status is None:
        return overrides.retry_failure(outcome.failure.retry_policy)
    return overrides.retry_status(outcome.status)
