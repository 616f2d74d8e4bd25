"""Phone numbers at Twilio: who gets their texts, and how to change that.

Source: Twilio docs, "IncomingPhoneNumber resource", "Messaging Service resource", "Messaging Service PhoneNumber
resource". A number does not name the service that it is in: the services list their numbers.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from twilio.rest import Client

from operations.numbers.provider_number import MessagingService, ProviderNumber
from shared.errors import InDoubt, UpstreamRefused
from shared.providers.twilio.rest_client import NONSENSE, TwilioClient
from shared.tenants.account import Account
from shared.tenants.connection import Webhooks

_PAGE_SIZE = 1000  # Twilio's maximum
_FEW = 10  # a request each costs less than a page
_NOT_FOUND = 20404
_NUMBERS, _SERVICES = "list of numbers", "list of Messaging Services"
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
        timeout_seconds: how long a request, or the pages of one list, may take.
    """

    def __init__(self, url: str | None, *, timeout_seconds: float) -> None:
        self._rest = TwilioClient(url, timeout_seconds=timeout_seconds)

    def find(self, account: Account, numbers: Collection[str]) -> Mapping[str, ProviderNumber]:
        """Requests few numbers one by one, and many in pages of 1000; then the account's services with their numbers.

        An account may have many more numbers than those that are wanted. So when as many pages were read as numbers
        were wanted, those that are missing are requested one by one.
        """
        wanted = set(numbers)
        resources, all_read = ({}, False) if len(wanted) <= _FEW else self._listed(account, wanted)
        for number in [] if all_read else sorted(wanted - resources.keys()):
            resources |= self._rest.look(account, lambda client, number=number: _requested(client, number), _NUMBERS)  # type: ignore[misc] # bound now
        services = self._services(account) if resources else {}
        return self._rest.look(
            account,
            lambda _: {number: _number(each, account, services) for number, each in resources.items()},
            _NUMBERS,
        )

    def webhooks(self, account: Account, number_sid: str) -> Webhooks | None:
        """Requests one number."""
        try:
            return self._rest.look(
                account, lambda client: _webhooks(client.incoming_phone_numbers(number_sid).fetch()), _NUMBERS
            )
        except UpstreamRefused as error:
            if error.code == _NOT_FOUND:
                return None
            raise

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

    def _listed(self, account: Account, wanted: Collection[str]) -> tuple[dict[str, Any], bool]:
        """The resources of those of the numbers that are in the account's list, and whether all of it was read."""
        resources: dict[str, Any] = {}
        url: str | None = None
        for _ in range(len(wanted)):
            page, url = self._rest.look(account, lambda client, url=url: _page(client, url), _NUMBERS)  # type: ignore[misc] # bound now
            resources |= {resource.phone_number: resource for resource in page if resource.phone_number in wanted}
            if url is None or len(resources) == len(wanted):
                return resources, True
        return resources, False

    def _services(self, account: Account) -> dict[str, MessagingService]:
        """The service of each number that is in one, by the number's SID."""
        listing = self._rest.look(
            account, lambda client: client.messaging.v1.services.list(page_size=_PAGE_SIZE), _SERVICES
        )
        services: dict[str, MessagingService] = {}
        for service in listing:
            services |= self._rest.look(account, lambda client, service=service: _members(client, service), _SERVICES)  # type: ignore[misc] # bound now
        return services

    def _change(self, account: Account, action: Callable[[Client], object]) -> None:
        try:
            self._rest(account, action)
        except NONSENSE:
            sentence = "Twilio changed it, but its answer cannot be read"
            raise InDoubt(sentence) from None


def _page(client: Client, url: str | None) -> tuple[list[Any], str | None]:
    """The first page of the account's numbers, or the one at a URL, and the URL of the next one."""
    numbers = client.incoming_phone_numbers
    page = numbers.page(page_size=_PAGE_SIZE) if url is None else numbers.get_page(url)
    return list(page), page.next_page_url


def _requested(client: Client, number: str) -> dict[str, Any]:
    """The number's resource by number; empty when the account does not have it. Twilio also lists longer numbers."""
    listing = client.incoming_phone_numbers.list(phone_number=number)
    return {resource.phone_number: resource for resource in listing if resource.phone_number == number}


def _members(client: Client, service: Any) -> dict[str, MessagingService]:  # noqa: ANN401 - the library has no types
    """The service of each of its numbers, by the number's SID."""
    members = client.messaging.v1.services(service.sid).phone_numbers.list(page_size=_PAGE_SIZE)
    messaging_service = MessagingService(
        sid=service.sid,
        name=service.friendly_name or "",
        url=service.inbound_request_url or "",
        on_number=service.use_inbound_webhook_on_number is True,
        others=len(members) - 1,
    )
    return {member.sid: messaging_service for member in members}


def _number(resource: Any, account: Account, services: Mapping[str, MessagingService]) -> ProviderNumber:  # noqa: ANN401 - the library has no types
    return ProviderNumber(
        number=resource.phone_number,
        sid=resource.sid,
        account=account.sid,
        webhooks=_webhooks(resource),
        service=services.get(resource.sid),
    )


def _webhooks(resource: Any) -> Webhooks:  # noqa: ANN401 - the library has no types
    return Webhooks(**{name: value for name, key in _PARAMETERS.items() if (value := getattr(resource, key))})
