"""The page as a WSGI app: its pages, its checks, and what is shown when something fails."""

import re
from typing import Any

from flask import Flask, abort, redirect, request, url_for
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

from dashboard import charts, masking, paging, security
from dashboard.acting import ChooseTenantFirst, completed, operator_without_tenant
from dashboard.desk import Desk, Memory, desk, memory
from dashboard.page import Answer, show
from dashboard.pages import PAGES
from dashboard.static_files import add_static_files
from operations.audit.entries import revealed
from operations.failure import explained
from operations.stage.names import STAGES
from operations.visible import visible
from shared.defects import described
from shared.errors import CommandDeclined, Conflict, NotFound, SmsReceiverError, Unavailable

_STATUSES = {NotFound: 404, Conflict: 409, CommandDeclined: 422, Unavailable: 503}
_CHOICES = ("stage", "tenant")
"""What a request chooses in its query; every link of a page carries it on."""

_OWN_PATH = re.compile(r"/(?![/\\])[^\\\s]*")
"""A path of this page. Browsers take `//` and `/\\` for the beginning of another host (URL standard, "URL parsing")."""


def create_app(served: Desk) -> Flask:
    """The app that serves the page.

    Args:
        served: what it serves.
    """
    app = Flask("dashboard", static_folder=None)
    app.jinja_options = {"autoescape": True}
    app.jinja_env.finalize = _seen
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["desk"] = served
    app.extensions["memory"] = Memory(served)
    app.logger.disabled = True  # its tracebacks quote what may be a text, a number or a key; `_defect` says where
    security.protect(app)
    add_static_files(app)
    for page in PAGES:
        app.register_blueprint(page)
    app.add_url_rule("/", "index", _index)
    app.add_url_rule("/work/<job_id>", "work", _work)
    app.add_url_rule("/reveal", "reveal", _reveal, methods=["POST"])
    app.url_defaults(_carry_choices)
    app.context_processor(_context)
    app.template_filter("completed")(completed)
    app.template_filter("unchanged")(escape)  # for what a form posts back: `_seen` would change what is stored
    masking.add_filters(app)
    charts.add_filters(app)
    app.register_error_handler(ChooseTenantFirst, _choose_tenant)
    app.register_error_handler(SmsReceiverError, _failed)
    app.register_error_handler(HTTPException, _wrong_request)
    app.register_error_handler(Exception, _defect)
    return app


def _seen(value: object) -> object:
    """What a template puts into the page: nothing that others wrote can be invisible, or turn other text around."""
    return visible(value, lines=True) if isinstance(value, str) and not isinstance(value, Markup) else value


def _index() -> Answer:
    return redirect(url_for(f"{PAGES[0].name}.index"), 303)


def _work(job_id: str) -> Answer:
    job = memory().jobs.find(job_id)
    if job is None:
        message = "this work is not known; it was of another run, or long ago"
        raise NotFound(message)
    ended = job.ended  # asked once, and before the rest: it may end while the page is made
    secret = None
    if ended and request.method == "GET":
        secret, job.secret = job.secret, None
    return show("work.html", job=job, ended=ended, lines=list(job.lines), secret=secret)


def _reveal() -> Answer:
    """Lets one page show whole numbers and texts for a while; that somebody asked is in the audit log."""
    back = request.form.get("back", "")
    if not _OWN_PATH.fullmatch(back):
        abort(400)
    path = back.partition("?")[0]
    acting = operator_without_tenant()
    acting.record_first(revealed(acting.tenant, path))
    memory().reveals.begin(path, acting.stage, acting.tenant or "")
    return redirect(back, 303)


def _carry_choices(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint not in {"static", "open_with_key"}:
        for name in _CHOICES:
            if name in request.args:
                values.setdefault(name, request.args[name])


def _context() -> dict[str, Any]:
    """What every template knows."""
    return {
        "pages": PAGES,
        "stages": STAGES,
        "stage": request.args.get("stage") or desk().stage,
        "tenant": request.args.get("tenant") or desk().tenant,
        "fixed_tenant": desk().tenant,
        "local": desk().local,
        "tenants": _tenants,
        "here": paging.here,
        "switched": _switched,
        "revealing": masking.revealing,
    }


def _switched() -> str:
    """The page that shows another stage or tenant: this one, or where its question was asked."""
    if request.method == "GET" or request.blueprint is None:
        return request.path
    return url_for(f"{request.blueprint}.index")


def _tenants() -> list[str]:
    """The tenants to choose from; none where they cannot be read, for the page itself says why."""
    try:
        return memory().tenants()
    except SmsReceiverError:
        return []


def _choose_tenant(_: ChooseTenantFirst) -> tuple[str, int]:
    return show("choose_tenant.html"), 200


def _failed(error: SmsReceiverError) -> tuple[str, int]:
    """The sentence that the command prints."""
    status = next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), 500)
    try:
        sentence = explained(operator_without_tenant(), error)
    except SmsReceiverError:  # what the request names may be the very thing that is wrong
        sentence = str(error)
    return show("failed.html", sentence=completed(sentence)), status


def _wrong_request(error: HTTPException) -> Answer | HTTPException:
    if error.code is None or error.response is not None or error.code < 400:  # noqa: PLR2004 - a redirect of Flask's
        return error
    sentences = {404: "There is no such page.", 405: "This page cannot be asked like that.", 413: "That is too large."}
    return show("failed.html", sentence=sentences.get(error.code, "This request cannot be understood.")), error.code


def _defect(error: Exception) -> tuple[str, int]:
    """Says that something unexpected happened, and nothing of what it was: it may quote a text, a number or a key."""
    desk().report(f"The page met a defect, {described(error)}. Please report it.")
    return show("failed.html", sentence="Something unexpected went wrong; the terminal says where."), 500
