"""Texting through the twin: its control API, as the demonstration and the end-to-end tests use it."""

from dataclasses import dataclass
from typing import Any

import httpx

_SECONDS = 60  # longer than Twilio ever tries


@dataclass(frozen=True)
class Phones:
    """Numbers, and phones that text them, on the twin at `url`."""

    url: str

    def own_account(self, sid: str, *, auth_token: str) -> None:
        """Makes an account whose token signs."""
        self._put(f"/accounts/{sid}", {"auth_token": auth_token, "secondary_auth_token": None})

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

    def debugger(self) -> list[dict[str, Any]]:
        """Twilio's debugger, the newest entry last."""
        entries: list[dict[str, Any]] = httpx.get(f"{self.url}/debugger", trust_env=False).raise_for_status().json()
        return entries

    def _put(self, path: str, body: object) -> None:
        httpx.put(self.url + path, json=body, trust_env=False).raise_for_status()

    def _post(self, path: str, body: object) -> dict[str, Any]:
        answer = httpx.post(self.url + path, json=body, trust_env=False, timeout=_SECONDS)
        done: dict[str, Any] = answer.raise_for_status().json()
        return done
