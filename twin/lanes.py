"""Work in lanes: the jobs of one lane run one after another, the lanes side by side."""

import threading
from collections import deque
from collections.abc import Callable, Hashable

Job = Callable[[], None]
"""Something to do, which raises nothing."""


class Lanes:
    """Starts a thread for a lane that has jobs and ends it with the last one. The process does not wait for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, deque[Job]] = {}

    def add(self, lane: Hashable, job: Job) -> None:
        """Put a job at the end of a lane."""
        with self._lock:
            if lane in self._waiting:
                self._waiting[lane].append(job)
                return
            self._waiting[lane] = deque([job])
        threading.Thread(target=self._run, args=(lane,), daemon=True).start()

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do in any lane, and nothing being done."""
        with self._lock:
            return not self._waiting

    def _run(self, lane: Hashable) -> None:
        while (job := self._next(lane)) is not None:
            job()

    def _next(self, lane: Hashable) -> Job | None:
        with self._lock:
            if self._waiting[lane]:
                return self._waiting[lane].popleft()
            del self._waiting[lane]
            return None
