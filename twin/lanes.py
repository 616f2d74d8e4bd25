"""Work in lanes: the jobs of one lane run one after another, different lanes side by side."""

import threading
from collections import deque
from collections.abc import Callable, Hashable

Job = Callable[[], None]
"""A piece of work, which must not raise."""


class Lanes:
    """Runs a thread for each lane that has jobs. The process does not wait for them when it ends."""

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
        """Whether no job is waiting or running in any lane."""
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
