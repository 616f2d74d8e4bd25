"""Who acts in a request: the run's operator, on the stage and the tenant that the request names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from flask import g, request

from dashboard.desk import desk, memory
from operations.hints import Hints
from operations.operator import Operator, Progress
from operations.stage.names import STAGES, Stage
from shared.errors import CommandDeclined
from shared.tenants.tenant import check_tenant_id

T = TypeVar("T")


class ChooseTenantFirst(CommandDeclined):
    """There are several tenants, and the request names none."""


@dataclass
class PageProgress:
    """Implements `operations.operator.Progress` for a request: the page shows the sentences."""

    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Keeps a sentence for the page."""
        self.notes.append(completed(sentence))

    def warning(self, sentence: str) -> None:
        """Keeps a sentence for the page, which must not be overlooked there."""
        self.warnings.append(completed(sentence))

    def watched(self, things: Sequence[T], doing: str) -> Iterable[T]:
        """The things; a request is short, so nobody sees how far it is. Long work is a job."""
        del doing
        return things

    def works_on(self, tenant_id: str) -> None:
        """The page says itself which tenant it works on."""


def stage() -> Stage:
    """The stage that the request names with `stage`, or that of the run. Raises CommandDeclined for another word."""
    named = request.args.get("stage") or desk().stage
    for known in STAGES:
        if known == named:
            return known
    message = f"there is no stage {named[:20]!r}; choose east or south"
    raise CommandDeclined(message)


def tenant() -> str | None:
    """The id of the tenant that the request names with `tenant`, of the run's, or of the only one; else None.

    Raises InvalidValue, CommandDeclined, Unavailable.
    """
    if named := request.args.get("tenant") or desk().tenant:
        return check_tenant_id(named)
    tenants = memory().tenants()
    return tenants[0] if len(tenants) == 1 else None


def operator(progress: Progress | None = None, *, on: Stage | None = None) -> Operator:
    """Who acts in this request, for the tenant that it names.

    Args:
        progress: receives notes and warnings; by default the page.
        on: the stage; by default the one that the request names.

    Raises ChooseTenantFirst when there are several tenants and it names none; CommandDeclined, Unavailable.
    """
    acting = operator_without_tenant(progress, on=on)
    if acting.tenant is None and len(memory().tenants()) > 1:
        message = "there are several tenants; choose one"
        raise ChooseTenantFirst(message)
    return acting


def operator_without_tenant(progress: Progress | None = None, *, on: Stage | None = None) -> Operator:
    """The same, for pages that also work on all tenants. Raises InvalidValue, CommandDeclined, Unavailable."""
    return Operator(memory().world, on or stage(), desk().local, tenant(), progress or page_progress())


def page_progress() -> PageProgress:
    """The notes and warnings of this request."""
    if "progress" not in g:
        g.progress = PageProgress()
    kept: PageProgress = g.progress
    return kept


def completed(sentence: str, on: str | None = None) -> str:
    """The sentence with each `sms …` command in it as it must be typed, for a stage: by default the request's."""
    return hints(on).completed(sentence)


def hints(on: str | None = None) -> Hints:
    """What completes commands in sentences, for a stage: by default the request's."""
    served = desk()
    named = on or request.args.get("stage") or served.stage
    return Hints(named, served.local, request.args.get("tenant") or served.tenant)
