"""Dashboard: how both stages are doing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from flask import request

from dashboard.acting import operator_without_tenant
from dashboard.page import Answer, Page, show
from operations.health.overview import PERIODS, overview
from operations.stage.names import STAGES

page = Page("dashboard", "Dashboard")

_QUESTIONS = {
    "texts": ("Are texts flowing?", "texts.index"),
    "answers": ("Are they answered?", "texts.index"),
    "failures": ("What is failing?", "usage.index"),
    "waiting": ("Who waits?", "doctor.index"),
    "alarms": ("Which alarms ring?", "doctor.index"),
    "parked": ("What is parked?", "parked.index"),
    "crashed": ("What crashed?", "parked.index"),
}
"""What each finding answers, and the page that has more of it."""
_DAY = timedelta(days=1)


@page.get("/")
def index() -> Answer:
    """Both stages side by side, over an hour, a day or a month."""
    period = request.args.get("period", "hour")
    operators = [operator_without_tenant(on=stage) for stage in STAGES]
    with ThreadPoolExecutor(len(operators)) as both:  # each asks AWS some ten things, one after the other
        overviews = list(both.map(lambda acting: overview(acting, period), operators))
    steps = overviews[0].steps
    begins = [steps.begin + index * steps.step for index in range(steps.count)]
    labels = [f"{begin:%d %b}" if steps.step >= _DAY else f"{begin:%H:%M} UTC" for begin in begins]
    return show(
        "dashboard.html",
        overviews=overviews,
        period=period,
        periods=list(PERIODS),
        labels=labels,
        questions=_QUESTIONS,
    )
