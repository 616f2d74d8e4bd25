"""Logs that come late; see `Weaknesses`. The account itself reads them at once, and so sees what really happened."""

import json
import time
from typing import Any

from ministack.services import cloudwatch_logs

from devstack.weaknesses.callers import is_account
from devstack.weaknesses.switches import Switches

_handle = cloudwatch_logs.handle_request


def install(switches: Switches) -> None:
    """Makes the local CloudWatch Logs do the same."""

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:  # noqa: ANN401 - ministack has no types
        if headers.get("x-amz-target", "").endswith(".FilterLogEvents") and not is_account(headers):
            request = json.loads(body)
            latest = int((time.time() - switches.read().log_seconds) * 1000)
            body = json.dumps({**request, "endTime": min(request.get("endTime", latest), latest)}).encode()
        return await _handle(method, path, headers, body, query)

    cloudwatch_logs.handle_request = handle
