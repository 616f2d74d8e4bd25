"""Calling one webhook URL as often as its overrides say.

Twilio tries again only after failures that the retry policy names, and within the total time (Twilio docs: "Webhooks
(HTTP callbacks): Connection Overrides"). Whether the request before a challenge counts as a try is not documented: here
it does not, but it uses up some of the total time.
"""

from dataclasses import replace

from twin.attempts import Attempt, HookOutcome
from twin.failures import Failure
from twin.hook_limits import HookLimits
from twin.overrides import InvalidRetryPolicy, Overrides
from twin.signing import Fields
from twin.webhook_try import HookSender, Try
from twin.webhook_url import WebhookUrl


def call(  # noqa: PLR0913 -- who calls, what, how, with what, and at what speed
    sender: HookSender, kind: str, url: WebhookUrl, method: str, fields: Fields, *, time_scale: float
) -> HookOutcome:
    """Call a webhook with one form.

    Args:
        sender: Sends the requests.
        kind: `primary`, `fallback` or `status_callback`.
        url: The URL as configured, with its credentials and overrides.
        method: `GET` or `POST`.
        fields: The form.
        time_scale: Multiplies every wait.

    Returns:
        The outcome of the last try, with the requests of all tries. Nothing that a receiver does raises.
    """
    try:
        overrides = Overrides.parse(url.fragment)
    except InvalidRetryPolicy:
        return HookOutcome(Failure.INVALID_RETRY_POLICY, None, (), ())
    limits = HookLimits.start(overrides, time_scale)
    attempts: list[Attempt] = []
    number = 0
    while True:
        number += 1
        outcome = Try(sender, limits, kind, number).run(url, method, fields)
        attempts += outcome.attempts
        if number > overrides.retries or not limits.remaining_seconds or not _tries_again(outcome, overrides):
            return replace(outcome, attempts=tuple(attempts))


def _tries_again(outcome: HookOutcome, overrides: Overrides) -> bool:
    if outcome.failure is None:
        return False
    if outcome.status is None:
        return overrides.retry_failure(outcome.failure.retry_policy)
    return overrides.retry_status(outcome.status)
