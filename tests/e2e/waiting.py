"""Waiting for what must come, and no longer."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], *, within_seconds: float) -> T:
    """What the condition gives, as soon as that is true or the time is over."""
    deadline = time.monotonic() + within_seconds
    while not (holds := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds
