"""What pages are made of: a page itself, and the answers that it can give."""

import json
from hashlib import sha256
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from dashboard.acting import page_progress
from dashboard.desk import Outcome, memory
from dashboard.forms import Form

__all__ = [
    "Answer",
    "Page",
    "changed_since",
    "confirm",
    "confirmed",
    "digest",
    "done",
    "kept_fields",
    "refused",
    "show",
    "working",
]


class Page(Blueprint):
    """A page of the dashboard. Its function `index` is what the navigation leads to.

    Args:
        name: a word for URLs and for `url_for`, such as `credentials`.
        title: what the navigation calls it.
    """

    def __init__(self, name: str, title: str) -> None:
        super().__init__(name, __name__, url_prefix=f"/{name}")
        self.title = title


def show(template: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template takes
    """The page that a template makes, with notes and warnings of this request and of the change before it."""
    outcome = memory().outcomes.take(request.args.get("done", "")) if request.method == "GET" else None
    progress = page_progress()
    return render_template(template, outcome=outcome, progress=progress, **values)


def done(sentence: str, to: str, *, secret: str | None = None) -> Answer:
    """After a change: leads to another page, which says once what was done, and what else is to know.

    Args:
        sentence: what was done.
        to: the URL of that page.
        secret: what only now can be shown, such as a new API key; it is in no URL.
    """
    progress = page_progress()
    token = memory().outcomes.put(Outcome(sentence, progress.notes, progress.warnings, secret))
    return redirect(f"{to}{'&' if '?' in to else '?'}done={token}", 303)


def confirmed(about: object = None) -> bool:
    """Whether the operator was asked and agreed, so that a dangerous change can be made.

    Args:
        about: what was agreed to, as JSON takes it: if it is not what was shown, nobody agreed to it. None where the
            request itself says all.
    """
    return _agreed() and (about is None or request.form.get("shown") == digest(about))


def changed_since(about: object) -> bool:
    """Whether the operator agreed, but to something else than this."""
    return _agreed() and not confirmed(about)


def digest(about: object) -> str:
    """What the form of a question carries of what it is about."""
    return sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def _agreed() -> bool:
    return request.method == "POST" and request.form.get("confirmed") == "yes"


def kept_fields() -> list[tuple[str, str]]:
    """The fields of the request, for a form that posts it again; without what tells that it was confirmed."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in {"confirmed", "shown"}]


def confirm(question: str, *, button: str, back: str, sentences: list[str] | None = None, about: object = None) -> str:
    """A page that asks before a dangerous change. It posts the same request again, with `confirmed`.

    Args:
        question: what to agree to.
        button: what the button says: the change, as a verb.
        back: the URL to go to instead.
        sentences: what the change means.
        about: what is agreed to, as for `confirmed`.
    """
    return show(
        "confirm.html",
        question=question,
        button=button,
        back=back,
        sentences=sentences or [],
        kept=[*kept_fields(), *([] if about is None else [("shown", digest(about))])],
        changed_since=changed_since(about),
    )


def refused(template: str, form: Form, **values: Any) -> tuple[str, int]:  # noqa: ANN401 - as for `show`
    """The page of a form that could not be accepted: what was typed, and what is wrong with it."""
    return show(template, form=form, **values), 422


def working(job_id: str) -> Answer:
    """Leads to the page that shows how far long work is."""
    return redirect(url_for("work", job_id=job_id), 303)
