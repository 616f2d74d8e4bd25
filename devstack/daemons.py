"""Programs that run in the background, identified by their pid and their start time."""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


class NotReadyError(Exception):
    """A program ended, or was not ready in time; the message shows the end of its log."""


@dataclass(frozen=True)
class Daemon:
    """A program; `started` (seconds since the epoch) distinguishes it from a later one with the same pid."""

    pid: int
    started: float

    @classmethod
    def start(cls, command: list[str], *, log: Path, environment: Mapping[str, str]) -> "Daemon":
        """Starts a program in a new session, with only this environment. Its output goes to `log`."""
        log.parent.mkdir(parents=True, exist_ok=True)
        pid = os.posix_spawn(
            command[0],
            command,
            environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )
        return cls(pid=pid, started=psutil.Process(pid).create_time())

    def wait_until(self, ready: Callable[[], bool], *, log: Path, within_seconds: float) -> None:
        """Waits until `ready` returns true. Raises NotReadyError."""
        deadline = time.monotonic() + within_seconds
        while not ready():
            if not self.alive or time.monotonic() > deadline:
                raise NotReadyError(tail(log))
            time.sleep(0.05)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        running = self._find()
        return running is not None and running.status() != psutil.STATUS_ZOMBIE

    def stop(self, *, within_seconds: float = 5) -> None:
        """Ends the program and its children: with SIGTERM, and after the time with SIGKILL."""
        running = self._find()
        if running is None:
            return
        children = running.children(recursive=True)
        running.terminate()
        _, survivors = psutil.wait_procs([running], timeout=within_seconds)
        for process in (*survivors, *children):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs([running], timeout=within_seconds)

    def _find(self) -> psutil.Process | None:
        try:
            process = psutil.Process(self.pid)
            return process if abs(process.create_time() - self.started) < 1 else None
        except psutil.NoSuchProcess:
            return None


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log, for an error message."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join([f"{log}:", *text.splitlines()[-lines:]])
