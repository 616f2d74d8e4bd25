"""Phone numbers and texts, masked until somebody asks to see them; that they asked is in the audit log."""

from flask import Flask, request

from dashboard.acting import stage, tenant
from dashboard.desk import memory
from operations.audit.entries import masked


def revealing() -> bool:
    """Whether this page shows whole numbers and texts for now."""
    return memory().reveals.holds(request.path, stage(), tenant() or "")


def shown_number(number: str | None) -> str:
    """A number or another address; only its end while it is masked. Empty for none."""
    if not number:
        return ""
    return number if revealing() else masked(number)


def shown_text(text: str | None) -> str:
    """A text; only its length while it is masked. Empty for none."""
    if not text:
        return ""
    return text if revealing() else f"({len(text)} characters)"


def add_filters(app: Flask) -> None:
    """Adds the filters `number` and `text` for templates: `{{ text.sender | number }}`."""
    app.template_filter("number")(shown_number)
    app.template_filter("text")(shown_text)
