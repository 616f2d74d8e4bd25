"""Agents: who answers the texts to which numbers, and how."""

from collections.abc import Mapping
from dataclasses import replace

from flask import request, url_for

from dashboard.acting import operator
from dashboard.desk import memory
from dashboard.forms import Form
from dashboard.jobs import Job
from dashboard.page import Answer, Page, confirm, confirmed, digest, done, refused, show, working
from dashboard.pages.agent_form import agent_change, backend_changes, form_of, sections
from dashboard.paging import by_number
from operations.failure import explained
from operations.numbers.pages import numbers_of
from operations.operator import Operator
from operations.stage.names import STAGES
from operations.tenants import sample_text
from operations.tenants.agents import (
    change_agent,
    clone_agent,
    create_agent,
    delete_agent,
    new_agent_id,
    search_agents,
)
from operations.tenants.edits import existing
from operations.tenants.records import describe_agent
from shared.errors import CommandDeclined
from shared.tenants.agent import AGENT_NAME_MAX, Agent, AgentKind

page = Page("agents", "Agents")


@page.get("/")
def index() -> Answer:
    """The tenant's agents, and what is searched among them."""
    search = request.args.get("search") or None
    agents = [{**describe_agent(agent), "id": agent.id} for agent in search_agents(operator(), search)]
    return show("agents.html", agents=by_number(agents), search=search)


@page.get("/new")
def new() -> Answer:
    """The form of an agent that is not there yet."""
    return _form("new_agent.html", form_of(None))


@page.post("/new")
def create() -> Answer:
    """Makes an agent."""
    form, acting = Form.sent(), operator()
    try:
        backends = backend_changes(form, None)
        agent = Agent(new_agent_id(), form["name"], _kind(form), existing_stage(form["region"]))
        agent = create_agent(acting, agent, agent_change(form, None), backends)
    except CommandDeclined as error:
        form.fail(error)
        return _refused("new_agent.html", form)
    return done(f"Agent {agent.name!r} is made.", _its_page(agent), secret=_secrets(backends.new_secrets(agent)))


@page.get("/<agent_id>")
def agent(agent_id: str) -> Answer:
    """An agent: its settings, and what can be done with it."""
    acting = operator()
    shown = _existing(acting, agent_id)
    return _form("agent.html", form_of(shown), agent=shown, numbers=_count(acting, shown))


@page.post("/<agent_id>")
def change(agent_id: str) -> Answer:
    """Changes an agent's settings and backends."""
    form, acting = Form.sent(), operator()
    before = _existing(acting, agent_id)
    if form["shown"] != _shown(before):
        form = form_of(before)
        form.errors[""] = "Somebody changed this agent since it was shown, so nothing was done. This is how it is now."
        return _refused("agent.html", form, agent=before, numbers=_count(acting, before))
    try:
        backends = backend_changes(form, before)
        after = change_agent(acting, before.name, agent_change(form, before), backends)
    except CommandDeclined as error:
        form.fail(error)
        return _refused("agent.html", form, agent=before, numbers=_count(acting, before))
    return done(f"Agent {after.name!r} is changed.", _its_page(after), secret=_secrets(backends.new_secrets(after)))


@page.post("/<agent_id>/clone")
def clone(agent_id: str) -> Answer:
    """Makes an agent like this one, without its numbers."""
    acting = operator()
    cloned = clone_agent(acting, _existing(acting, agent_id).name, request.form.get("new_name", "").strip())
    sentence = f"Agent {cloned.agent.name!r} is made. It has no numbers yet."
    return done(sentence, _its_page(cloned.agent), secret=_secrets(cloned.secrets))


@page.post("/<agent_id>/delete")
def delete(agent_id: str) -> Answer:
    """Deletes an agent and releases its numbers, after it was confirmed."""
    acting = operator()
    doomed = _existing(acting, agent_id)
    count = _count(acting, doomed)
    if not confirmed(count):
        released = (
            f"Its numbers are released: {count}. Texts to those that are still connected are parked "
            "as no_agent, until you connect them to another agent or disconnect them."
        )
        question = f"Delete agent {doomed.name!r}?"
        return confirm(question, button="Delete", back=_its_page(doomed), sentences=[released], about=count)
    deleted = delete_agent(acting, acting.editing(), doomed.name)
    for credential, count in deleted.connected.items():
        acting.progress.warning(
            f"Numbers that are still connected with the key of {credential!r}: {count}. When no number has the key any "
            "more, revoke it."
        )
    return done(f"Agent {doomed.name!r} is deleted.", url_for("agents.index"))


@page.post("/<agent_id>/ask")
def ask(agent_id: str) -> Answer:
    """Begins to ask the agent's backend with a sample text."""
    acting = operator()
    asked = _existing(acting, agent_id)
    text, second = request.form.get("text", "").strip() or sample_text.SAMPLE_TEXT, "second" in request.form

    def work(job: Job) -> None:
        answered = sample_text.ask(replace(acting, progress=job), asked.name, text, second=second).answer
        for message in answered.messages:
            job.add("good", "It says:" if message.text else "It sends media.", quoted=message.text)
            for url in message.media_urls:
                job.add("note", "With it:", quoted=url)
        if answered.later:
            job.add("note", "It promised to answer later.")
        elif not answered.messages:
            job.add("note", "It says nothing.")
        if answered.end_session:
            job.add("note", "It ends the session.")

    title = f"Ask the {'second ' if second else ''}backend of agent {asked.name}"
    return working(memory().jobs.start(title, _its_page(asked), work, lambda error: explained(acting, error)).id)


def _existing(acting: Operator, agent_id: str) -> Agent:
    tenant = acting.read()
    return existing(tenant.agent(agent_id), f"tenant {tenant.id!r} has no such agent; see: sms agent list")


def _count(acting: Operator, shown: Agent) -> int:
    return sum(1 for _ in numbers_of(acting.target.numbers_directory, acting.tenant_id, shown.id))


def _its_page(shown: Agent) -> str:
    return url_for("agents.agent", agent_id=shown.id)


def _shown(agent: Agent) -> str:
    """What the form of an agent carries of what it shows: it posts all settings, also those that nobody touched."""
    return digest(dict(form_of(agent).values))


def _kind(form: Form) -> AgentKind:
    return next((kind for kind in AgentKind if kind.value == form["kind"]), AgentKind.SMS)


def existing_stage(name: str) -> str:
    """The stage of this name; the first one for another word."""
    return name if name in STAGES else STAGES[0]


def _secrets(secrets: Mapping[str, str]) -> str | None:
    return "\n".join(f"{name.replace('_', ' ')}: {secret}" for name, secret in secrets.items()) or None


def _form(template: str, form: Form, **values: object) -> str:
    return show(template, form=form, **values, **_choices())


def _refused(template: str, form: Form, **values: object) -> Answer:
    return refused(template, form, **values, **_choices())


def _choices() -> dict[str, object]:
    return {
        "kinds": [kind.value for kind in AgentKind],
        "regions": list(STAGES),
        "sections": sections(),
        "name_max": AGENT_NAME_MAX,
        "sample": sample_text.SAMPLE_TEXT,
        "shown": _shown,
    }
