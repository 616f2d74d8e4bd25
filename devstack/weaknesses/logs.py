"""Logs that come late; see `Weaknesses`. The account itself reads them at once, and so sees what really happened."""

import json
import time
from typing import Any

from ministack.services import cloudwatch_logs

from devstack.weaknesses.callers import is_account
from devstack.weaknesses.switches import Switches

_UNITS = {"FilterLogEvents": 1000, "StartQuery": 1}
"""The calls that read lines, and how many units of their times a second has (CloudWatch Logs API)."""

_handle = cloudwatch_logs.handle_request


def install(switches: Switches) -> None:
    """Makes the local CloudWatch Logs do the same."""

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:  # noqa: ANN401 - ministack has no types
        unit = _UNITS.get(headers.get("x-amz-target", "").rpartition(".")[2])
        if unit and not is_account(headers):
            request = json.loads(body)
            latest = int((time.time() - switches.read().log_seconds) * unit)
            body = json.dumps({**request, "endTime": min(request.get("endTime", latest), latest)}).encode()
        return await _handle(method, path, headers, body, query)

    cloudwatch_logs.handle_request = handle
