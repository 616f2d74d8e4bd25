"""The control API of the twin, for the command, the demonstration and the end-to-end tests."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from devstack import state
from operations.stage.advice import LOCAL_STACK_NOT_UP
from shared.errors import CommandDeclined

_SECONDS = 60  # longer than Twilio tries to deliver a text


def open_phones() -> "Phones":
    """The phones of the running local stack. Raises CommandDeclined when it is not up."""
    running = state.load()
    if running is None or not running.alive:
        raise CommandDeclined(LOCAL_STACK_NOT_UP)
    return Phones(running.twin_url)


@dataclass(frozen=True)
class Phones:
    """The numbers, and the phones that text them, of the twin at `url`."""

    url: str

    def set_account(self, sid: str, *, auth_token: str, rest_keys: Mapping[str, str] | None = None) -> None:
        """Creates or replaces an account: the token signs webhooks, and REST keys (secrets by SID) may send, too."""
        account = {"auth_token": auth_token, "secondary_auth_token": None, "rest_keys": dict(rest_keys or {})}
        self._put(f"/accounts/{sid}", account)

    def set_number(self, number: str, *, account: str, webhook: str, fallback: str | None = None) -> None:
        """Creates a number, or changes where its texts go."""
        self._put(
            f"/numbers/{number}",
            {
                "account_sid": account,
                "sms_url": webhook,
                "sms_method": "POST",
                "sms_fallback_url": fallback,
                "sms_fallback_method": "POST",
            },
        )

    def text(self, *, sender: str, to: str, body: str, **more: object) -> dict[str, Any]:
        """Texts a number. Returns what Twilio did: `message_sid`, `outcome`, `status`, `attempts` and more."""
        return self._post("/texts", {"from": sender, "to": to, "body": body, **more})

    def deliver_again(self, message_sid: str) -> dict[str, Any]:
        """Makes Twilio deliver a text a second time."""
        return self._post(f"/texts/{message_sid}/again", None)

    def screen(self, number: str) -> list[dict[str, Any]]:
        """What a person's phone shows, in the order of arrival: `from`, `body`, `by`, `status` and more."""
        return self._get(f"/phones/{number}")

    def wait(
        self, number: str, condition: Callable[[list[dict[str, Any]]], object], *, within_seconds: float = 15
    ) -> list[dict[str, Any]]:
        """What the phone shows as soon as it satisfies the condition, or at the end of the time."""
        deadline = time.monotonic() + within_seconds
        while not condition(messages := self.screen(number)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return messages

    def messages(self) -> list[dict[str, Any]]:
        """All of Twilio's messages, the oldest first, with `history` and `callbacks`."""
        return self._get("/messages")

    def set_callbacks(self, *, off: bool) -> None:
        """Switches Twilio's status callbacks off or on."""
        self._put("/callbacks", {"off": off})

    def idle(self) -> bool:
        """Whether no message to a phone and no callback is on its way."""
        answer: bool = httpx.get(f"{self.url}/idle", trust_env=False).raise_for_status().json()["idle"]
        return answer

    def fail(self, **failure: object) -> None:
        """Plans a failure of Twilio's REST API; twin/README.md lists the kinds."""
        self._post("/rest/failures", failure)

    def debugger(self) -> list[dict[str, Any]]:
        """The entries of Twilio's debugger, the newest last."""
        return self._get("/debugger")

    def _get(self, path: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = httpx.get(self.url + path, trust_env=False).raise_for_status().json()
        return entries

    def _put(self, path: str, body: object) -> None:
        httpx.put(self.url + path, json=body, trust_env=False).raise_for_status()

    def _post(self, path: str, body: object) -> dict[str, Any]:
        answer = httpx.post(self.url + path, json=body, trust_env=False, timeout=_SECONDS)
        document: dict[str, Any] = answer.raise_for_status().json()
        return document
