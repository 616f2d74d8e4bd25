"""The form of an agent: its values, and what they change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.forms import Form
from operations.stage.names import STAGES
from operations.tenants.agents import AgentChange
from operations.tenants.backends import PLACES, BackendChange, BackendChanges, check_password
from shared.backends import BACKENDS
from shared.errors import InvalidValue
from shared.tenants.agent import Agent, AgentKind, BackendSettings


@dataclass(frozen=True)
class Section:
    """The fields of one of an agent's backends; the fields' names begin with `prefix`."""

    prefix: str
    title: str
    kinds: Sequence[str]
    descriptions: Mapping[str, str]


def sections() -> Sequence[Section]:
    """The two backends of an agent."""
    kinds = ["", *PLACES]
    return [
        Section("backend", "Backend: who answers", kinds, BACKENDS),
        Section("second_backend", "Second backend: who answers when the first is unavailable", kinds, BACKENDS),
    ]


def form_of(agent: Agent | None) -> Form:
    """The form with an agent's values; with the usual ones for None. A password is never in it."""
    if agent is None:
        new = Agent("00000000", "new", AgentKind.SMS, STAGES[0])
        return Form({**_values(new), "name": ""})
    return Form(_values(agent))


def agent_change(form: Form, before: Agent | None) -> AgentChange:
    """What the form changes besides backends. Raises InvalidValue."""
    reply = form["failure_reply"]
    return AgentChange(
        name=form["name"] if before else None,
        kind=next((kind for kind in AgentKind if kind.value == form["kind"]), None),
        stage=form["region"] if form["region"] in STAGES else None,
        session_seconds=_number(form, "session_seconds", "how long a session lasts"),
        failure_reply=reply or None,
        no_failure_reply=not reply,
        initiates_from_inbound=form["initiates_from_inbound"] == "yes",
        timeout_notice=form["timeout_notice"] or None,
        no_timeout_notice=not form["timeout_notice"],
        answer_within_seconds=_number(form, "answer_within_seconds", "how long a late answer may take"),
    )


def backend_changes(form: Form, before: Agent | None) -> BackendChanges:
    """What the form changes about both backends. Raises InvalidValue, CommandDeclined."""
    first, second = (before.backend, before.second_backend) if before else (None, None)
    return BackendChanges(
        _backend_change(form, "backend", first, second=False),
        _backend_change(form, "second_backend", second, second=True),
    )


def _values(agent: Agent) -> dict[str, str]:
    return {
        "name": agent.name,
        "kind": agent.kind.value,
        "region": agent.stage,
        "session_seconds": _seconds(agent.session_seconds),
        "failure_reply": agent.failure_reply or "",
        "initiates_from_inbound": "yes" if agent.initiates_from_inbound else "",
        "timeout_notice": agent.timeout_notice or "",
        "answer_within_seconds": _seconds(agent.answer_within_seconds),
        **_backend_values("backend", agent.backend),
        **_backend_values("second_backend", agent.second_backend),
    }


def _backend_values(prefix: str, backend: BackendSettings | None) -> dict[str, str]:
    settings = backend or BackendSettings("none")
    return {
        prefix: backend.kind if backend else "",
        f"{prefix}_place": settings.target,
        f"{prefix}_locale": settings.locale,
        f"{prefix}_user": settings.user,
        f"{prefix}_timeout": _seconds(settings.timeout_seconds),
        f"{prefix}_statuses": "yes" if settings.statuses else "",
    }


def _backend_change(form: Form, prefix: str, current: BackendSettings | None, *, second: bool) -> BackendChange:
    kind = form[prefix]
    if kind not in PLACES:
        return BackendChange(second=second, none=current is not None)
    option, user, password = PLACES[kind], form[f"{prefix}_user"], form[f"{prefix}_password"]
    is_same = current is not None and current.kind == kind and (kind != "soe" or current.user == user)
    keeps_password = is_same and not password
    takes_password = kind == "watson" or (kind == "soe" and bool(user))
    if password and not takes_password:
        message = "only a backend of kind watson, or of kind soe with a user, asks for a password"
        raise InvalidValue(message)
    place = {option: form[f"{prefix}_place"]} if option else {}
    return BackendChange(
        second=second,
        kind=kind,
        url=place.get("url"),
        queue=place.get("queue"),
        bot=place.get("bot"),
        statuses=form[f"{prefix}_statuses"] == "yes",
        timeout=_number(form, f"{prefix}_timeout", "how long an answer may take"),
        locale=form[f"{prefix}_locale"] or None if kind == "lex" else None,
        user=user if kind == "soe" and not keeps_password else None,
        password=check_password(password) if takes_password and not keeps_password else None,
    )


def _seconds(value: float) -> str:
    """The number as a field holds it, with all its digits: the form posts it back."""
    return str(value).removesuffix(".0")


def _number(form: Form, name: str, what: str) -> float:
    try:
        return float(form[name])
    except ValueError:
        message = f"{what} must be a number of seconds"
        raise InvalidValue(message) from None
