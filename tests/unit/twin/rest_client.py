"""Twilio's own Python library, pointed at the twin by another base URL only; and a way to wait."""

import re
import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from tests.unit.twin.webhook_receiver import ACCOUNT, NUMBER, PERSON, TOKEN

T = TypeVar("T")
TWILIO = re.compile(r"https://(api|messaging|accounts|monitor)\.twilio\.com")


class Detour:
    """An HTTP client that sends requests for Twilio to the twin."""

    def __init__(self, twin_url: str) -> None:
        self.twin_url = twin_url
        self.http = TwilioHttpClient(timeout=10)
        self.http.session.trust_env = False

    def request(self, method: str, url: str, *positional: object, **named: object) -> object:
        host = TWILIO.match(url)
        assert host
        return self.http.request(method, self.twin_url + url[host.end() :], *positional, **named)


class Rest:
    """Clients for one twin."""

    def __init__(self, twin_url: str) -> None:
        self.url = twin_url
        self._detours: list[Detour] = []

    def client(self, user: str = ACCOUNT, password: str = TOKEN, account: str = ACCOUNT) -> Client:
        """The library's client with these credentials."""
        detour = Detour(self.url)
        self._detours.append(detour)
        return Client(user, password, account, http_client=detour)

    def send(self, **changes: object) -> MessageInstance:
        """Send a message from our number to the person."""
        return self.client().messages.create(**{"from_": NUMBER, "to": PERSON, "body": "Hello", **changes})

    def close(self) -> None:
        for detour in self._detours:
            detour.http.session.close()


def until(condition: Callable[[], T | None]) -> T:
    """Wait until a condition returns something true, and return that."""
    patience, ends_at = Event(), time.monotonic() + 10
    while not (result := condition()):
        assert time.monotonic() < ends_at, "it did not happen within ten seconds"
        patience.wait(0.002)
    return result
