"""`python -m tests.scale.filling LAMBDA KEYS`: looks up 150,000 numbers of 1,000 tenants, in a process of its own.

It prints, as JSON, how many megabytes full caches take, and how many more the process has in the end.
"""

import gc
import json
import sys

import psutil

from tests.scale.answering import AnsweringAws
from tests.scale.estate import Estate
from tests.scale.lookups import Clock, look_ups

TENANTS, AGENTS, NUMBERS = 1000, 15, 10
FULL = 300
"""So many tenants fill all caches."""


def resident() -> float:
    """Megabytes of this process."""
    gc.collect()
    size: int = psutil.Process().memory_info().rss
    return size / 1e6


def filled(name: str, keys: int) -> list[float]:
    """The megabytes that full caches take, and those that come on top in the end."""
    tenants = [Estate(f"tenant{place:04}", place, AGENTS, NUMBERS, keys, signed=True) for place in range(TENANTS)]
    AnsweringAws(tenants)
    look_up = look_ups(Clock())[name]
    assert look_up(tenants[0], tenants[0].number(0, 0))
    begin = full = resident()
    for place, tenant in enumerate(tenants):
        if place == FULL:
            full = resident()
        for agent in range(AGENTS):
            for number in tenant.numbers_of(agent):
                assert look_up(tenant, number)
        vars(tenant).pop("managed")  # what is made up must not count
    return [round(full - begin, 1), round(resident() - full, 1)]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(filled(sys.argv[1], int(sys.argv[2]))))
