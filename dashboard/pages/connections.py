"""Numbers' webhooks at their provider: what would change, beside what is; and changing and checking them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from flask import request, url_for

from dashboard.acting import operator
from dashboard.desk import memory
from dashboard.jobs import Job
from dashboard.page import Answer, changed_since, confirmed, digest, kept_fields, show, working
from dashboard.pages.numbers import chosen_numbers, page
from operations.failure import explained
from operations.numbers import checking, connecting, disconnecting, summary
from operations.numbers.batch import FailedNumber
from operations.numbers.connect import Plan
from operations.numbers.owned_numbers import describe_plan
from operations.operator import Operator

__all__ = ["page"]  # the page of numbers, with these views on it

_SHOWN_MAX = 100


@page.post("/connect")
def connect() -> Answer:
    """Shows what connecting numbers changes; begins it when that was confirmed."""
    acting = operator()
    take_over = request.form.get("take_over") == "yes"
    planned = connecting.plan(acting, chosen_numbers(acting), take_over=take_over)
    plans = {each.number: each.plan for each in planned.to_change}

    def work(job: Job) -> None:
        running = replace(acting, progress=job)
        failed = connecting.carry_out(running, running.editing(), planned)
        _tell(job, "connected", len(plans) - len(failed), [*planned.impossible, *failed])

    return _planned_or_begun(acting, "Connect", plans, planned.impossible, planned.keeps, work)


@page.post("/disconnect")
def disconnect() -> Answer:
    """Shows what disconnecting numbers changes; begins it when that was confirmed."""
    acting = operator()
    planned = disconnecting.plan(acting, chosen_numbers(acting), force=request.form.get("force") == "yes")
    plans = {each.number: each.plan for each in planned.numbers}

    def work(job: Job) -> None:
        running = replace(acting, progress=job)
        running.announce_change()
        failed = disconnecting.carry_out(running, planned)
        _tell(job, "disconnected", len(plans) - len(failed), [*planned.failed, *failed])

    return _planned_or_begun(acting, "Disconnect", plans, planned.failed, (), work)


@page.post("/check")
def check() -> Answer:
    """Begins to compare all numbers with the provider."""
    acting = operator()

    def work(job: Job) -> None:
        correct = 0
        for numbers in checking.check(replace(acting, progress=job)):
            for checked in numbers:
                correct += checked.ok is True
                for difference in checked.differences:
                    job.add(
                        "wrong",
                        f"{checked.number}, {checked.agent or 'no agent'}: {difference.what} is {difference.current}",
                        f"should be: {difference.desired}",
                    )
                if checked.ok is None and checked.by_hand:
                    job.add("note", f"{checked.number}: {checked.by_hand.advice}")
        job.add("good" if correct else "note", f"Numbers that are as they should be: {correct}.")

    return _begin(acting, "Check all numbers", work)


def _planned_or_begun(  # noqa: PLR0913, PLR0917 -- what is planned
    acting: Operator,
    verb: str,
    plans: Mapping[str, Plan],
    impossible: Sequence[FailedNumber],
    keeps: Sequence[str],
    work: Callable[[Job], None],
) -> Answer:
    """Begins the work if exactly this was shown and confirmed; else shows it."""
    alone = next(iter(plans.values())) if len(plans) == 1 else None
    changes = describe_plan(alone.changes) if alone else list(summary.describe(summary.alike(plans)))
    sentences = list(dict.fromkeys([*(sentence for plan in plans.values() for sentence in plan.keeps), *keeps]))
    about = {number: [list(map(str, plan.changes)), plan.keeps] for number, plan in plans.items()}
    title = f"{verb} {len(plans)} numbers" if len(plans) != 1 else f"{verb} number {next(iter(plans))}"
    if plans and confirmed(about):
        return _begin(acting, title, work)
    return show(
        "numbers_plan.html",
        title=title,
        verb=verb,
        changes=changes,
        impossible=impossible[:_SHOWN_MAX],
        impossible_count=len(impossible),
        sentences=sentences,
        kept=[*kept_fields(), ("confirmed", "yes"), ("shown", digest(about))],
        changed_since=bool(plans) and changed_since(about),
    )


def _begin(acting: Operator, title: str, work: Callable[[Job], None]) -> Answer:
    job = memory().jobs.start(title, url_for("numbers.index"), work, lambda error: explained(acting, error))
    return working(job.id)


def _tell(job: Job, participle: str, count: int, failed: Sequence[FailedNumber]) -> None:
    job.add("good" if count else "note", f"Numbers that are {participle}: {count}.")
    for failure in failed[:_SHOWN_MAX]:
        job.add("wrong", f"{failure.number}: {failure.error}")
    if len(failed) > _SHOWN_MAX:
        job.add("wrong", f"And {len(failed) - _SHOWN_MAX} more.")
