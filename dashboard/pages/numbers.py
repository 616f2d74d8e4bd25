"""Numbers: who has which, what each is for, and giving them to agents. They are ours, no persons', so not masked."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace

from flask import request, url_for

from dashboard.acting import operator, page_progress
from dashboard.desk import memory
from dashboard.downloads import download
from dashboard.forms import Form
from dashboard.jobs import Job
from dashboard.page import Answer, Page, changed_since, confirm, confirmed, digest, done, refused, show, working
from dashboard.paging import SIZE, by_cursor, cursor
from operations.failure import explained
from operations.numbers import checking, csv_file, holding, importing, typed_address
from operations.numbers.batch import FailedNumber
from operations.numbers.described_number import DESCRIPTION_MAX
from operations.operator import Operator
from shared.errors import CommandDeclined, InvalidValue, NotFound

page = Page("numbers", "Numbers")

_FAILURES_SHOWN_MAX = 20
_AT_ONCE = 500
"""So many numbers are changed within a request, which takes a second or two; more are long work."""
_FILE_BYTES_MAX = 3 * 1024 * 1024
"""Of a CSV file. It is sent once more to be confirmed, with a byte more a line; `FORM_BYTES_MAX` is for all of that."""


@page.get("/")
def index() -> Answer:
    """The tenant's numbers, of one agent or of all, and what is searched among them."""
    return show("numbers.html", form=Form(), **_listing())


@page.post("/")
def assign() -> Answer:
    """Gives numbers to an agent, and describes them if a description is given. What is refused is shown in the list."""
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
    return _carried_out(
        acting,
        f"Release {len(numbers)} numbers",
        len(numbers),
        back,
        lambda running: holding.release(running, numbers),
        lambda failed: f"Released: {len(numbers) - len(failed)}.",
    )


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
    return download("numbers.csv", text)


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
    try:
        text = _sent_file(form)
        numbers = csv_file.read(text.encode(), form["country"] or "US", unique=True)
        planned = importing.plan(acting, numbers.rows, form["agent"], replace=form["replace"] == "yes")
    except CommandDeclined as error:
        form.fail(error, "file")
        return refused("numbers_import.html", form, agents=agents)
    for sentence in filter(None, (typed_address.doubt(row.number) for row in numbers.rows)):
        page_progress().warning(sentence)
    changes = [dict(change.describe()) for change in planned.changes]
    if confirmed(changes):
        return _carried_out(
            acting,
            f"Import numbers of agent {planned.agent.name}",
            len(changes),
            url_for("numbers.index", agent=planned.agent.name),
            lambda running: importing.carry_out(running, planned),
            lambda failed: _imported(planned, failed),
        )
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


def _carried_out(  # noqa: PLR0913, PLR0917 -- what is done
    acting: Operator,
    title: str,
    count: int,
    back: str,
    change: Callable[[Operator], list[FailedNumber]],
    sentence: Callable[[list[FailedNumber]], str],
) -> Answer:
    """Changes numbers: at once if they are few, else as long work.

    Args:
        acting: who changes them.
        title: what is done, for people.
        count: how many they are.
        back: the URL of the page to go on to.
        change: does it; returns the numbers with which it failed.
        sentence: what was done, besides those.
    """
    if count <= _AT_ONCE:
        failed = change(acting)
        _warn(failed)
        return done(sentence(failed), back)

    def work(job: Job) -> None:
        failed = change(replace(acting, progress=job))
        for failure in failed[:_FAILURES_SHOWN_MAX]:
            job.add("wrong", f"{failure.number}: {failure.error}")
        if len(failed) > _FAILURES_SHOWN_MAX:
            job.add("wrong", f"And {len(failed) - _FAILURES_SHOWN_MAX} more.")
        job.result = sentence(failed)

    return working(memory().jobs.start(title, back, work, lambda error: explained(acting, error)).id)


def _imported(planned: importing.PlannedImport, failed: list[FailedNumber]) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in planned.counts(besides=failed).items())
    return f"Agent {planned.agent.name!r}: {counts}."


def _sent_file(form: Form) -> str:
    """What the uploaded file says, or the field `csv` when it is confirmed. Raises InvalidValue."""
    text = form["csv"]
    if upload := request.files.get("file"):
        with closing(upload):
            text = csv_file.text(upload.read())
    if len(text.encode()) > _FILE_BYTES_MAX:
        message = f"the file is larger than {_FILE_BYTES_MAX // 1024**2} MiB; import it with: sms number import"
        raise InvalidValue(message)
    return text


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
