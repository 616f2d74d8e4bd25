"""Twilio's numbers: who gets their texts, and how that is changed.

Source: Twilio docs, "IncomingPhoneNumber resource", "Messaging Service resource", "Messaging Service PhoneNumber
resource". A number does not say which service it is in: the services say which numbers are in them.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from twilio.rest import Client

from operations.numbers.provider_number import MessagingService, ProviderNumber
from shared.errors import InDoubt
from shared.providers.twilio.rest_client import NONSENSE, Asking
from shared.tenants.connection import Webhooks
from shared.tenants.tenant import Account

_PAGE = 1000  # the most that Twilio gives at once
_PARAMETERS = {
    "url": "sms_url",
    "method": "sms_method",
    "fallback_url": "sms_fallback_url",
    "fallback_method": "sms_fallback_method",
    "application": "sms_application_sid",
}
"""Our words in those of Twilio's library."""


class TwilioNumbers:
    """Keeps `shared.ports.ProviderNumbers`.

    Args:
        url: what stands in for Twilio's hosts; None for these.
        timeout_seconds: how long a question may take with everything.
    """

    def __init__(self, url: str | None, *, timeout_seconds: float) -> None:
        self._ask = Asking(url, timeout_seconds=timeout_seconds)

    def find(self, account: Account, numbers: Collection[str]) -> Mapping[str, ProviderNumber]:
        """Asks for each number, and once for the account's services and their numbers."""

        def look(client: Client) -> dict[str, ProviderNumber]:
            listed = [
                one
                for number in numbers
                for one in client.incoming_phone_numbers.list(phone_number=number)  # that contain it
                if one.phone_number == number
            ]
            services = _services(client) if listed else {}
            return {one.phone_number: _number(one, account, services) for one in listed}

        return self._ask.look(account, look, "list of numbers")

    def set_webhooks(self, account: Account, number: ProviderNumber, wanted: Webhooks) -> None:
        """Sends what differs, and nothing else; an empty value takes away what it is for."""
        changes = {
            parameter: getattr(wanted, name)
            for name, parameter in _PARAMETERS.items()
            if getattr(wanted, name) != getattr(number.webhooks, name)
        }
        if changes:
            self._change(account, lambda client: client.incoming_phone_numbers(number.sid).update(**changes))

    def set_on_number(self, account: Account, service_sid: str, *, on_number: bool) -> None:
        """Sets the service's `UseInboundWebhookOnNumber`."""
        self._change(
            account,
            lambda client: client.messaging.v1.services(service_sid).update(use_inbound_webhook_on_number=on_number),
        )

    def _change(self, account: Account, action: Callable[[Client], object]) -> None:
        try:
            self._ask(account, action)
        except NONSENSE:
            sentence = "Twilio changed it, but its answer cannot be read"
            raise InDoubt(sentence) from None


def _services(client: Client) -> dict[str, MessagingService]:
    """The service that each number is in, by the number's SID."""
    found: dict[str, MessagingService] = {}
    for service in client.messaging.v1.services.list(page_size=_PAGE):
        members = client.messaging.v1.services(service.sid).phone_numbers.list(page_size=_PAGE)
        about = MessagingService(
            sid=service.sid,
            name=service.friendly_name or "",
            url=service.inbound_request_url or "",
            on_number=service.use_inbound_webhook_on_number is True,
            others=len(members) - 1,
        )
        found |= {member.sid: about for member in members}
    return found


def _number(resource: Any, account: Account, services: Mapping[str, MessagingService]) -> ProviderNumber:  # noqa: ANN401 - the library has no types
    return ProviderNumber(
        number=resource.phone_number,
        sid=resource.sid,
        account=account.sid,
        webhooks=Webhooks(**{name: value for name, p in _PARAMETERS.items() if (value := getattr(resource, p))}),
        service=services.get(resource.sid),
    )
