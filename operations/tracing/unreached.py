"""Why a text that the provider has did not reach us: how its number is connected, and what the provider reports."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from operations.numbers import checking, webhook_url
from operations.numbers.agent_webhook import deployed_stages
from operations.numbers.drift import Difference
from operations.operator import Operator
from operations.tracing.held_elsewhere import held_elsewhere
from operations.tracing.outcomes import TraceState
from operations.tracing.provider_message import ProviderAlert, ProviderMessage
from operations.tracing.provider_view import ProviderView
from operations.tracing.verdicts import Verdict
from shared.address import Address
from shared.errors import Configuration, Unavailable, UpstreamRefused
from shared.public_paths import RECEIVE

_FRESH = timedelta(minutes=1)
"""How long a text may be with the provider before its log line can be found."""
_ERRORS = "https://www.twilio.com/docs/api/errors"
_ANSWERS = {
    401: "The stage did not accept the API key in the URL.",
    403: "The stage refused it: see the reason in the log lines `Refused` of this time.",
    404: "There is no such path or method: the path must be /sms.receiver/SmsRecv, and the method POST.",
}


def unreached(operator: Operator, view: ProviderView, message: ProviderMessage) -> Verdict:
    """The verdict on a text that no record and no log line of ours is about.

    Raises CommandDeclined.
    """
    came = f"Twilio has this text since {message.at:%Y-%m-%d %H:%M:%S} UTC"
    alerts = view.alerts(message)
    elsewhere = held_elsewhere(operator, view.tenant.id, message.recipient)
    if elsewhere:
        sentences = [f"{came}, and it did not reach us.", *map(_complaint, alerts[:1]), elsewhere.sentence]
        return replace(elsewhere, sentence=" ".join(sentences))
    number = Address.parse(message.recipient)
    differences = number_differences(operator, number.value) if number.is_sms_number else []
    if not alerts and not differences and operator.world.now() - message.at < _FRESH:
        return Verdict(TraceState.WAITING, f"{came}, and nothing here shows it yet. Ask again in a minute.")
    sentences = [f"{came}, and it did not reach us.", *map(_complaint, alerts[:1]), *described(differences)]
    if not differences and not alerts:
        sentences.append(
            "Its number is connected as it should be, and Twilio reports no failure. "
            "If it was changed since, the text went where it was connected then. If not, see whether Twilio's "
            "Conversations take it: console, Conversations, Address configuration, Autocreate."
        )
    return Verdict(TraceState.UNREACHED, " ".join(sentences), (*_places(number.value, differences, alerts),))


def number_differences(operator: Operator, number: str) -> Sequence[Difference]:
    """What keeps a number's texts from its agent. Where that cannot be found out, the operator hears of it."""
    bases = deployed_stages(operator.target).values()
    try:
        return [
            difference
            for page in checking.check(operator, number)
            for checked in page
            for difference in checked.differences
            if not (difference.is_minor or _is_other_stage(difference, bases))
        ]
    except (Unavailable, UpstreamRefused, Configuration) as error:
        operator.progress.warning(f"The number could not be checked: {error}")
        return []


def _is_other_stage(difference: Difference, bases: Collection[str]) -> bool:
    """Whether texts only come through another of the stages than that of their agent, as they do when one fails."""
    urls = {base.rstrip("/") + RECEIVE for base in bases}
    current = webhook_url.without_userinfo(difference.current.partition("#")[0])
    return difference.what == "webhook" and current in urls


def described(differences: Sequence[Difference]) -> list[str]:
    """The differences as sentences."""
    return [
        f"The number's {difference.what} is: {difference.current}; it should be: {difference.desired}."
        for difference in differences
    ]


def cures(number: str, differences: Sequence[Difference]) -> list[str]:
    """The commands that mend the differences."""
    if not differences:
        return []
    if any(difference.what == "agent" for difference in differences):
        return [f"./sms number assign {number} --agent NAME"]
    return [f"./sms number connect {number}"]


def _complaint(alert: ProviderAlert) -> str:
    answer = f"got {alert.status}" if alert.status else "failed"
    meaning = f" {_ANSWERS[alert.status]}" if alert.status in _ANSWERS else ""
    url = webhook_url.describe_url(alert.url)
    return f"Twilio called {url} with {alert.method or 'a request'}, and it {answer}: error {alert.code}.{meaning}"


def _places(number: str, differences: Sequence[Difference], alerts: Sequence[ProviderAlert]) -> Iterator[str]:
    yield from cures(number, differences)
    yield from (f"{_ERRORS}/{alert.code}" for alert in alerts[:1])
    if not differences:
        yield f"./sms number check {number}"
