"""Several operators at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from shared.errors import CommandDeclined


def at_once(*actions: Callable[[], object]) -> list[object]:
    """What each of the actions returned, or the class of what it raised; they begin at the same moment."""
    start = threading.Barrier(len(actions))

    def act(action: Callable[[], object]) -> object:
        start.wait(30)
        try:
            return action()
        except CommandDeclined as error:
            return type(error)

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(act, actions))
