"""Long work: it runs in a thread, and a page shows how far it is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe
from threading import Lock, Thread
from typing import TypeVar

from shared.defects import catching_defects
from shared.errors import Defect, SmsReceiverError

T = TypeVar("T")

_KEPT_MAX = 50


@dataclass(frozen=True)
class JobLine:
    """A line of what long work has led to so far.

    Attributes:
        state: `good`, `warning`, `wrong` or `note`, for its word and colour.
        words: what happened.
        do: what to do about it; empty for nothing.
        quoted: what somebody else wrote, behind the words; it is shown as it is, also where it looks like a command.
    """

    state: str
    words: str
    do: str = ""
    quoted: str = field(default="", repr=False)


@dataclass
class Job:
    """Long work. It implements `operations.operator.Progress`.

    Attributes:
        id: what its page is called by.
        title: what is done.
        back: where to go from its page.
        lines: what it has led to.
        done: how many of the things are done, of those that it works on one by one.
        total: how many there are; 0 when they are not counted.
        doing: what is done with each.
        ended: whether it has ended.
        failure: why it could not be finished; None while it runs, and when it was.
        result: what it has led to as a whole, once it has ended.
        secret: what is shown on its page once; None for nothing.
    """

    id: str
    title: str
    back: str
    lines: list[JobLine] = field(default_factory=list)
    done: int = 0
    total: int = 0
    doing: str = ""
    ended: bool = False
    failure: str | None = None
    result: str = "Done."
    secret: str | None = field(default=None, repr=False)

    def note(self, sentence: str) -> None:
        """Adds a line."""
        self.add("note", sentence)

    def warning(self, sentence: str) -> None:
        """Adds a line that must not be overlooked."""
        self.add("warning", sentence)

    def add(self, state: str, words: str, do: str = "", *, quoted: str = "") -> None:
        """Adds a line of a state."""
        self.lines.append(JobLine(state, words, do, quoted))

    def watched(self, things: Sequence[T], doing: str) -> Iterable[T]:
        """The things one by one; the page shows how many are done."""
        return self._watched(things, doing)

    def works_on(self, tenant_id: str) -> None:
        """The page says itself which tenant it works on."""

    def _watched(self, things: Sequence[T], doing: str) -> Iterator[T]:
        self.doing, self.total = doing, len(things)
        for self.done, thing in enumerate(things):
            yield thing
        self.done = self.total


class Jobs:
    """The long work of this run, the latest of it."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._threads: dict[str, Thread] = {}
        self._lock = Lock()

    def start(
        self, title: str, back: str, work: Callable[[Job], None], explain: Callable[[SmsReceiverError], str]
    ) -> Job:
        """Begins work in a thread of its own; it may add lines to the job.

        Args:
            title: what is done, for people.
            back: the URL of the page to return to.
            work: does it.
            explain: puts an error of ours in words.
        """
        job = Job(token_urlsafe(12), title, back)
        thread = Thread(target=_run, args=(job, work, explain), name=f"job {job.id}", daemon=True)
        with self._lock:
            self._jobs[job.id], self._threads[job.id] = job, thread
            for old in [kept.id for kept in self._jobs.values() if kept.ended][: max(0, len(self._jobs) - _KEPT_MAX)]:
                del self._jobs[old], self._threads[old]
        thread.start()
        return job

    def finish(self, report: Callable[[str], None]) -> None:
        """Waits for the work that still runs, which would otherwise stop between two changes.

        Args:
            report: receives what is waited for, and what it has led to.
        """
        for job in [job for job in self._jobs.values() if not job.ended]:
            report(f"{job.title}: this still runs, and the command ends after it. Ctrl-C leaves it unfinished.")
            self._threads[job.id].join()
            report(f"{job.title}: {job.failure or job.result}")
            if job.secret:
                report("What it would have shown once is lost. Do it again, with the page open.")

    def find(self, job_id: str) -> Job | None:
        """The work with this id; None when it is unknown or long past."""
        return self._jobs.get(job_id)


def _run(job: Job, work: Callable[[Job], None], explain: Callable[[SmsReceiverError], str]) -> None:
    try:
        with catching_defects(SmsReceiverError):
            work(job)
    except Defect as error:
        job.failure = f"It ended unexpectedly, by a defect: {error}. What was done until then stays done."
    except SmsReceiverError as error:
        job.failure = explain(error)
    job.ended = True
