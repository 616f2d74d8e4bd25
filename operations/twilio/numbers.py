"""Phone numbers at Twilio: who gets their texts, and how to change that.

Source: Twilio docs, "IncomingPhoneNumber resource", "Messaging Service resource", "Messaging Service PhoneNumber
resource". A number does not name the service that it is in: the services list their numbers.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from twilio.rest import Client

from operations.numbers.provider_number import MessagingService, ProviderNumber
from shared.errors import InDoubt
from shared.providers.twilio.rest_client import NONSENSE, TwilioClient
from shared.tenants.connection import Webhooks
from shared.tenants.tenant import Account

_PAGE_SIZE = 1000  # Twilio's maximum
_PARAMETERS = {
    "url": "sms_url",
    "method": "sms_method",
    "fallback_url": "sms_fallback_url",
    "fallback_method": "sms_fallback_method",
    "application": "sms_application_sid",
}
"""The names in Twilio's library of the fields of `Webhooks`."""


class TwilioNumbers:
    """Implements `operations.ports.ProviderNumbers`.

    Args:
        url: a replacement for Twilio's hosts; None for Twilio's own.
        timeout_seconds: how long a call of a method may take, with all its requests.
    """

    def __init__(self, url: str | None, *, timeout_seconds: float) -> None:
        self._rest = TwilioClient(url, timeout_seconds=timeout_seconds)

    def find(self, account: Account, numbers: Collection[str]) -> Mapping[str, ProviderNumber]:
        """Requests each number, and once the account's services with their numbers."""

        def list_numbers(client: Client) -> dict[str, ProviderNumber]:
            resources = [
                resource
                for number in numbers
                for resource in client.incoming_phone_numbers.list(phone_number=number)  # which also lists longer ones
                if resource.phone_number == number
            ]
            services = _services(client) if resources else {}
            return {resource.phone_number: _number(resource, account, services) for resource in resources}

        return self._rest.look(account, list_numbers, "list of numbers")

    def set_webhooks(self, account: Account, number: ProviderNumber, wanted: Webhooks) -> None:
        """Sends only what differs; an empty value clears the setting."""
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
            self._rest(account, action)
        except NONSENSE:
            sentence = "Twilio changed it, but its answer cannot be read"
            raise InDoubt(sentence) from None


def _services(client: Client) -> dict[str, MessagingService]:
    """The service of each number that is in one, by the number's SID."""
    services: dict[str, MessagingService] = {}
    for resource in client.messaging.v1.services.list(page_size=_PAGE_SIZE):
        members = client.messaging.v1.services(resource.sid).phone_numbers.list(page_size=_PAGE_SIZE)
        service = MessagingService(
            sid=resource.sid,
            name=resource.friendly_name or "",
            url=resource.inbound_request_url or "",
            on_number=resource.use_inbound_webhook_on_number is True,
            others=len(members) - 1,
        )
        services |= {member.sid: service for member in members}
    return services


def _number(resource: Any, account: Account, services: Mapping[str, MessagingService]) -> ProviderNumber:  # noqa: ANN401 - the library has no types
    return ProviderNumber(
        number=resource.phone_number,
        sid=resource.sid,
        account=account.sid,
        webhooks=Webhooks(**{name: value for name, key in _PARAMETERS.items() if (value := getattr(resource, key))}),
        service=services.get(resource.sid),
    )
