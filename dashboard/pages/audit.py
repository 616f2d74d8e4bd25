"""Audit: who changed what."""

from collections.abc import Mapping
from datetime import timedelta

from flask import Response, request

from dashboard.acting import operator_without_tenant
from dashboard.downloads import csv_file
from dashboard.page import Answer, Page, show
from dashboard.paging import by_number
from operations.audit.reading import AuditRecord, brief, changes_since
from shared.errors import InvalidValue

page = Page("audit", "Audit")

_PERIODS: Mapping[str, timedelta] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
_COLUMNS = ("time", "who", "tenant", "what", "which", "fields")


@page.get("/")
def index() -> Answer:
    """The stage's changes in a period, the newest first; of everybody or of one."""
    records = _records()
    who = request.args.get("who", "")
    shown = [record for record in records if who in ("", record["who"])]
    return show(
        "audit.html",
        records=by_number(shown),
        everybody=["", *sorted({str(record["who"]) for record in records})],
        who=who,
        period=_period(),
        periods=list(_PERIODS),
    )


@page.get("/changes.csv")
def changes() -> Response:
    """The same, whole, as a file."""
    who = request.args.get("who", "")
    rows = [[record[name] for name in _COLUMNS] for record in _records() if who in ("", record["who"])]
    return csv_file("changes.csv", _COLUMNS, rows)


def _records() -> list[AuditRecord]:
    acting = operator_without_tenant()
    since = acting.world.now() - _PERIODS[_period()]
    return [brief(record) for record in reversed(changes_since(acting, since))]


def _period() -> str:
    """The period that the request names. Raises InvalidValue."""
    period = request.args.get("period", "week")
    if period not in _PERIODS:
        message = f"there is no period {period[:20]!r}; choose one of {', '.join(_PERIODS)}"
        raise InvalidValue(message)
    return period
