"""Texting through the twin: its control API, as the demonstration and the end-to-end tests use it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from devstack import state
from operations.stage.target import LOCAL_STACK_NOT_UP
from shared.errors import Declined

_SECONDS = 60  # longer than Twilio ever tries


def open_phones() -> "Phones":
    """Those of the local stack that is up. Raises Declined when it is not."""
    present = state.load()
    if present is None or not present.alive:
        raise Declined(LOCAL_STACK_NOT_UP)
    return Phones(present.twin_url)


@dataclass(frozen=True)
class Phones:
    """Numbers, and phones that text them, on the twin at `url`."""

    url: str

    def own_account(self, sid: str, *, auth_token: str, rest_keys: Mapping[str, str] | None = None) -> None:
        """Makes an account whose token signs; REST keys, with their secrets, may send for it too."""
        account = {"auth_token": auth_token, "secondary_auth_token": None, "rest_keys": dict(rest_keys or {})}
        self._put(f"/accounts/{sid}", account)

    def own_number(self, number: str, *, account: str, webhook: str, fallback: str | None = None) -> None:
        """Makes a number, or changes where its texts go."""
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
        """Texts a number; gives what Twilio did: `message_sid`, `outcome`, `status`, `attempts` and more."""
        return self._post("/texts", {"from": sender, "to": to, "body": body, **more})

    def again(self, message_sid: str) -> dict[str, Any]:
        """Lets Twilio deliver a text a second time."""
        return self._post(f"/texts/{message_sid}/again", None)

    def screen(self, number: str) -> list[dict[str, Any]]:
        """What a person's phone shows, in the order of arrival: `from`, `body`, `by`, `status` and more."""
        return self._get(f"/phones/{number}")

    def wait(
        self, number: str, found: Callable[[list[dict[str, Any]]], object], *, within_seconds: float = 15
    ) -> list[dict[str, Any]]:
        """What the phone shows as soon as the condition holds, or at the end of the time."""
        deadline = time.monotonic() + within_seconds
        while not found(shown := self.screen(number)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return shown

    def messages(self) -> list[dict[str, Any]]:
        """All messages that Twilio has, the oldest first, with `history` and `callbacks`."""
        return self._get("/messages")

    def call_back(self, *, off: bool) -> None:
        """Whether Twilio tells what becomes of messages."""
        self._put("/callbacks", {"off": off})

    def idle(self) -> bool:
        """Whether nothing is on its way: no message to a phone, and no callback."""
        answer: bool = httpx.get(f"{self.url}/idle", trust_env=False).raise_for_status().json()["idle"]
        return answer

    def fail(self, **failure: object) -> None:
        """Plans a failure of Twilio's REST API; twin/README.md lists what there is."""
        self._post("/rest/failures", failure)

    def debugger(self) -> list[dict[str, Any]]:
        """Twilio's debugger, the newest entry last."""
        return self._get("/debugger")

    def _get(self, path: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = httpx.get(self.url + path, trust_env=False).raise_for_status().json()
        return entries

    def _put(self, path: str, body: object) -> None:
        httpx.put(self.url + path, json=body, trust_env=False).raise_for_status()

    def _post(self, path: str, body: object) -> dict[str, Any]:
        answer = httpx.post(self.url + path, json=body, trust_env=False, timeout=_SECONDS)
        done: dict[str, Any] = answer.raise_for_status().json()
        return done
