"""Doctor: every check of a stage, one after the other."""

from dataclasses import replace

from flask import request, url_for

from dashboard.acting import hints, operator
from dashboard.desk import memory
from dashboard.jobs import Job
from dashboard.page import Answer, Page, show, working
from operations.failure import explained
from operations.health import checkup
from operations.health.finding import CheckVerdict, Finding
from operations.health.first import CHECKS
from operations.health.sendable import sendable

page = Page("doctor", "Doctor")


@page.get("/")
def index() -> Answer:
    """What the doctor does, and the button that lets it."""
    return show("doctor.html")


@page.post("/")
def run() -> Answer:
    """Begins the checks of the stage, as `sms doctor` does them."""
    acting = operator()
    look_only, first = (request.form.get(name) == "yes" for name in ("look_only", "first"))
    commands = hints()

    def work(job: Job) -> None:
        examining = replace(acting, progress=job)
        hide = sendable(examining) if first else _as_it_is
        found_wrong = 0
        for finding in checkup.check_up(examining, look_only=look_only, further=CHECKS if first else {}):
            hidden = hide(replace(finding, do=commands.completed(finding.do)))
            job.add(finding.verdict.value, f"{hidden.check}: {hidden.seen}", hidden.do)
            found_wrong += finding.verdict is CheckVerdict.WRONG
        job.result = f"Found wrong: {found_wrong}." if found_wrong else "Nothing is wrong."

    title = f"Doctor, stage {acting.stage}"
    return working(memory().jobs.start(title, url_for("doctor.index"), work, lambda error: explained(acting, error)).id)


def _as_it_is(finding: Finding) -> Finding:
    return finding
