"""Twilio's messages, and its debugger's entries about webhooks that failed.

Source: Twilio docs, "Messages resource" and "Monitor REST API: Alerts". Alerts are kept for 30 days. In a list they are
without request and response, so without the form and the texts in it.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from twilio.base import values
from twilio.rest import Client

from operations.tracing.provider_message import ProviderAlert, ProviderMessage
from operations.tracing.window import Window
from shared.errors import UpstreamRefused
from shared.providers.twilio.rest_client import TwilioClient
from shared.tenants.account import Account

_NOT_FOUND = 20404
_ALERTS_MAX = 1000
_STATUSES = frozenset(str(status.value) for status in HTTPStatus)


class TwilioMessages:
    """Implements `operations.tracing.provider_message.ProviderMessages`.

    Args:
        url: a replacement for Twilio's hosts; None for Twilio's own.
        timeout_seconds: how long a request may take.
    """

    def __init__(self, url: str | None, *, timeout_seconds: float) -> None:
        self._rest = TwilioClient(url, timeout_seconds=timeout_seconds)

    def find(self, account: Account, message_id: str) -> ProviderMessage | None:
        """Requests one message."""
        try:
            return self._rest.look(
                account, lambda client: _message(account, client.messages(message_id).fetch()), "message"
            )
        except UpstreamRefused as error:
            if error.code == _NOT_FOUND:
                return None
            raise

    def inbound(
        self, account: Account, window: Window, *, sender: str | None, recipient: str | None, limit: int
    ) -> Sequence[ProviderMessage]:
        """One request. Twilio lists the latest messages first."""

        def listed(client: Client) -> list[ProviderMessage]:
            resources = client.messages.list(
                to=recipient or values.unset,
                from_=sender or values.unset,
                date_sent_after=window.begin,
                date_sent_before=window.end or values.unset,
                limit=limit,
            )
            messages = (_message(account, resource) for resource in resources)
            return [message for message in messages if message.is_inbound]

        return self._rest.look(account, listed, "list of messages")

    def alerts(self, account: Account, window: Window) -> Sequence[ProviderAlert]:
        """One request."""

        def listed(client: Client) -> list[ProviderAlert]:
            resources = client.monitor.v1.alerts.list(
                start_date=window.begin,
                end_date=window.end or values.unset,
                limit=_ALERTS_MAX,
                page_size=_ALERTS_MAX,
            )
            return [_alert(resource) for resource in resources if resource.resource_sid]

        return self._rest.look(account, listed, "list of alerts")


def _message(account: Account, resource: Any) -> ProviderMessage:  # noqa: ANN401 - the library has no types
    return ProviderMessage(
        id=_text(resource.sid),
        sender=_text(resource.from_),
        recipient=_text(resource.to),
        is_inbound=resource.direction == "inbound",
        at=resource.date_created or resource.date_sent,
        account=account.sid,
    )


def _alert(resource: Any) -> ProviderAlert:  # noqa: ANN401 - the library has no types
    return ProviderAlert(
        message_id=_text(resource.resource_sid),
        code=int(resource.error_code),
        url=resource.request_url or "",
        method=resource.request_method or "",
        status=_status(resource.alert_text or ""),
        at=resource.date_generated or resource.date_created,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _status(alert_text: str) -> int | None:
    """The HTTP status in an alert's text, which is written like a query; None when it has none.

    Twilio describes this text nowhere, and so nothing depends on it.
    """
    [text] = parse_qs(alert_text).get("httpResponse", [""])[:1]
    return int(text) if text in _STATUSES else None
