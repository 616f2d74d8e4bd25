"""Usage: how much each agent and number received, sent and failed at."""

from datetime import date, timedelta
from typing import NamedTuple

from flask import request, url_for

from dashboard.acting import operator
from dashboard.downloads import download as file
from dashboard.page import Answer, Page, show
from dashboard.paging import by_number
from operations.numbers import typed_address
from operations.parked.filters import REASONS
from operations.tracing.outcomes import TraceState
from operations.usage import period as periods
from operations.usage.advice import where_to_look
from operations.usage.csv_file import as_csv
from operations.usage.period import Period
from operations.usage.report import Grouping, UsageFilters, UsageReport, usage
from shared.errors import InvalidValue
from shared.messages.usage import NOT_DELIVERED

page = Page("usage", "Usage")

_PERIODS = {"7d": "The last 7 days", "30d": "The last 30 days", "365d": "The last 365 days"}
_DAYS_DRAWN_MAX = 92


class Failure(NamedTuple):
    """How much failed on a stage for a reason, the command that shows it, and the pages that do.

    `texts` has the URL of those of the last day, `parked` of what is parked now; None where nothing can be.
    """

    stage: str
    reason: str
    failed: int
    look: str
    texts: str
    parked: str | None


@page.get("/")
def index() -> Answer:
    """The figures of a period, by agent, number or day, with a chart by day."""
    period, by, report = _asked()
    days = _drawn(period)
    by_day = {line.day: line.usage for line in report.lines(Grouping.DAY)}
    drawn = [by_day.get(day) for day in days]
    return show(
        "usage.html",
        report=report,
        lines=by_number(report.lines(by)),
        by=by.value,
        groupings=[grouping.value for grouping in Grouping],
        period=period,
        periods=_PERIODS,
        since=_since(),
        labels=[f"{day:%d %b}" for day in days],
        inbound=[usage.inbound if usage else 0 for usage in drawn],
        outbound=[usage.outbound if usage else 0 for usage in drawn],
        failed=[usage.failed if usage else 0 for usage in drawn],
        failures=_failures(report),
    )


@page.get("/usage.csv")
def download() -> Answer:
    """The lines as a file."""
    period, by, report = _asked()
    return file(f"usage-{period.first}-{period.last}-by-{by}.csv", as_csv(report, by))


def _asked() -> tuple[Period, Grouping, UsageReport]:
    """What the request asks for. Raises InvalidValue, and as `usage` does."""
    acting = operator()
    period = periods.read(_since(), request.args.get("until") or None, acting.world.now())
    typed = request.args.get("by") or Grouping.AGENT.value
    if typed not in set(Grouping):
        message = f"choose one of {', '.join(Grouping)}"
        raise InvalidValue(message)
    number = request.args.get("number", "").strip()
    filters = UsageFilters(
        request.args.get("agent", "").strip() or None, typed_address.read_ours(number) if number else None
    )
    return period, Grouping(typed), usage(acting, period, filters)


def _since() -> str:
    return request.args.get("since") or "30d"


def _drawn(period: Period) -> list[date]:
    """The days of the chart: the last ones of a long period."""
    count = min((period.last - period.first).days + 1, _DAYS_DRAWN_MAX)
    return [period.last - timedelta(days=back) for back in reversed(range(count))]


def _failures(report: UsageReport) -> list[Failure]:
    return [
        Failure(stage, reason, count, where_to_look(reason), _texts(stage, reason), _parked(stage, reason))
        for stage, of_stage in report.by_stage.items()
        for reason, count in of_stage.failures.items()
    ]


def _texts(stage: str, reason: str) -> str:
    """The URL of the texts of the last day that failed for a reason on a stage."""
    chosen = {"state": TraceState.FAILED} if reason == NOT_DELIVERED else {"reason": reason}
    return url_for("texts.index", since="1d", stages="one", stage=stage, **chosen)


def _parked(stage: str, reason: str) -> str | None:
    """The URL of what is parked on a stage for a reason; None for a reason to leave something unsent."""
    return url_for("parked.index", reason=reason, stage=stage) if reason in REASONS else None
