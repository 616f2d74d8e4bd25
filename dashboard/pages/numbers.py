"""Numbers: who has which, what each is for, and giving them to agents. They are ours, no persons', so not masked."""

from collections.abc import Sequence

from flask import request, url_for

from dashboard.acting import operator, page_progress
from dashboard.downloads import download
from dashboard.forms import Form
from dashboard.page import Answer, Page, changed_since, confirm, confirmed, digest, done, refused, show
from dashboard.paging import SIZE, by_cursor, cursor
from operations.numbers import checking, csv_file, holding, importing, typed_address
from operations.numbers.batch import FailedNumber
from operations.numbers.described_number import DESCRIPTION_MAX
from operations.operator import Operator
from shared.errors import CommandDeclined, InvalidValue, NotFound

page = Page("numbers", "Numbers")

_FAILURES_SHOWN_MAX = 20


@page.get("/")
def index() -> Answer:
    """The tenant's numbers, of one agent or of all, and what is searched among them."""
    return show("numbers.html", form=Form(), **_listing())


@page.post("/assign")
def assign() -> Answer:
    """Gives numbers to an agent, and describes them if a description is given."""
    form, acting = Form.sent(), operator()
    try:
        rows = csv_file.read(form["numbers"].encode(), form["country"] or "US").rows
        numbers = _require(list(dict.fromkeys(row.number for row in rows)))
        _check_alone(rows)
    except CommandDeclined as error:
        form.fail(error, "numbers")
        return refused("numbers.html", form, **_listing())
    try:
        failed = holding.assign(acting, numbers, form["agent"], description=form["description"] or None)
    except CommandDeclined as error:
        form.fail(error, "description" if isinstance(error, InvalidValue) else "")
        return refused("numbers.html", form, **_listing())
    _warn(failed)
    for sentence in filter(None, map(typed_address.doubt, numbers)):
        page_progress().warning(sentence)
    return done(f"Agent {form['agent']!r} has {len(numbers) - len(failed)} of these numbers.", url_for("numbers.index"))


@page.post("/release")
def release() -> Answer:
    """Takes numbers from their agents, after it was confirmed."""
    acting, back = operator(), url_for("numbers.index")
    numbers = chosen_numbers(acting)
    connected = acting.target.numbers_directory.connections_with(acting.tenant_id, numbers)
    about = {"numbers": numbers, "connected": sorted(connected)}
    if not confirmed(about):
        sentences = [f"{len(connected)} of them: {importing.PARKED_WHEN_REMOVED}."] if connected else []
        count = f"{len(numbers)} numbers" if len(numbers) > 1 else f"number {numbers[0]}"
        return confirm(f"Release {count}?", button="Release", back=back, sentences=sentences, about=about)
    failed = holding.release(acting, numbers)
    _warn(failed)
    return done(f"Released: {len(numbers) - len(failed)}.", back)


@page.get("/number")
def number() -> Answer:
    """A number: its agent, its description, and whether its texts come here."""
    acting = operator()
    address = typed_address.read_ours(request.args.get("number", ""))
    return _number(acting, address, Form())


@page.post("/number")
def describe() -> Answer:
    """Describes a number."""
    form, acting = Form.sent(), operator()
    address = typed_address.read_ours(request.args.get("number", ""))
    try:
        holding.describe(acting, address, form["description"])
    except InvalidValue as error:
        form.fail(error, "description")
        return _number(acting, address, form), 422
    return done("The number is described.", url_for("numbers.number", number=address))


@page.get("/export")
def export() -> Answer:
    """The numbers of an agent, or all, as a CSV file."""
    agent = request.args.get("agent") or None
    text = importing.exported(holding.list_numbers(operator(), agent=agent), with_agents=agent is None)
    return download("numbers.csv", f"\ufeff{text}")  # the mark tells spreadsheets that it is UTF-8


@page.get("/import")
def import_form() -> Answer:
    """The form for a CSV file."""
    agents = _agent_names(operator())
    return show("numbers_import.html", form=Form({"agent": request.args.get("agent", "")}), agents=agents)


@page.post("/import")
def import_numbers() -> Answer:
    """Shows what a CSV file changes; makes it when that was confirmed."""
    form, acting = Form.sent(), operator()
    agents = _agent_names(acting)
    upload = request.files.get("file")
    try:
        text = csv_file.text(upload.read()) if upload else form["csv"]
        numbers = csv_file.read(text.encode(), form["country"] or "US", unique=True)
        planned = importing.plan(acting, numbers.rows, form["agent"], replace=form["replace"] == "yes")
    except CommandDeclined as error:
        form.fail(error, "file")
        return refused("numbers_import.html", form, agents=agents)
    for sentence in filter(None, (typed_address.doubt(row.number) for row in numbers.rows)):
        page_progress().warning(sentence)
    changes = [dict(change.describe()) for change in planned.changes]
    if confirmed(changes):
        failed = importing.carry_out(acting, planned)
        _warn(failed)
        counts = planned.counts(besides=failed)
        sentence = ", ".join(f"{count} {name}" for name, count in counts.items())
        return done(f"Agent {planned.agent.name!r}: {sentence}.", url_for("numbers.index", agent=planned.agent.name))
    return show(
        "numbers_preview.html",
        planned=planned,
        changes=changes,
        kept={
            "csv": text,
            "agent": form["agent"],
            "country": form["country"],
            "replace": form["replace"],
            "confirmed": "yes",
            "shown": digest(changes),
        },
        changed_since=changed_since(changes),
        ignored=numbers.ignored,
    )


def chosen_numbers(acting: Operator) -> list[str]:
    """The numbers that the form names with `number`, or all of the agent that it names with `all`.

    Raises CommandDeclined when there is none, or one is none; NotFound, Unavailable, Configuration.
    """
    if agent := request.form.get("all"):
        return _require([each.number for numbers in holding.list_numbers(acting, agent=agent) for each in numbers])
    return _require(list(dict.fromkeys(map(typed_address.read_ours, request.form.getlist("number")))))


def _check_alone(rows: Sequence[csv_file.CsvNumber]) -> None:
    """Raises InvalidValue when there is more than a number on a line, which would be lost."""
    if line := next((row.line for row in rows if row.description), None):
        message = f"line {line} has more than a number; a CSV file with descriptions can be imported"
        raise InvalidValue(message)


def _require(numbers: list[str]) -> list[str]:
    if not numbers:
        message = "choose at least one number"
        raise CommandDeclined(message)
    return numbers


def _listing() -> dict[str, object]:
    acting = operator()
    agent, search = request.args.get("agent") or None, request.args.get("search") or None
    numbers = holding.page_of_numbers(acting, agent=agent, search=search, position=cursor(), limit=SIZE)
    return {
        "numbers": by_cursor(numbers),
        "agents": _agent_names(acting),
        "agent": agent,
        "search": search,
        "description_max": DESCRIPTION_MAX,
    }


def _agent_names(acting: Operator) -> list[str]:
    return sorted(agent.name for agent in acting.read().agents if agent.kind.takes_texts)


def _number(acting: Operator, address: str, form: Form) -> str:
    holder = holding.find(acting, address)
    if holder is None or holder.tenant != acting.tenant_id:
        message = f"no agent of tenant {acting.tenant_id!r} holds this number; see: sms number list"
        raise NotFound(message)
    [checked] = [each for numbers in checking.check(acting, address) for each in numbers]
    shown = form if form.values else Form({"description": holder.description})
    return show("number.html", holder=holder, checked=checked, form=shown, description_max=DESCRIPTION_MAX)


def _warn(failed: list[FailedNumber]) -> None:
    for failure in failed[:_FAILURES_SHOWN_MAX]:
        page_progress().warning(f"{failure.number}: {failure.error}")
    if len(failed) > _FAILURES_SHOWN_MAX:
        page_progress().warning(f"And {len(failed) - _FAILURES_SHOWN_MAX} more.")
