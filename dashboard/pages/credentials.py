"""Credentials: names and roles for API keys."""

import json
from collections.abc import Mapping
from dataclasses import replace

from flask import url_for

from dashboard.acting import operator
from dashboard.desk import memory
from dashboard.forms import Form
from dashboard.jobs import Job
from dashboard.page import Answer, Page, confirm, confirmed, done, refused, show, working
from dashboard.paging import by_number
from operations.failure import explained
from operations.rotation import credential_rotation
from operations.tenants import edits
from operations.tenants.credentials import create_credential, named_by_id, use_of
from operations.tenants.records import describe_credential
from shared.errors import CommandDeclined, InvalidValue
from shared.tenants.tenant import Role

page = Page("credentials", "Credentials")


@page.get("/")
def index() -> Answer:
    """The tenant's credentials."""
    credentials = [describe_credential(credential) for credential in operator().read().credentials]
    return show("credentials.html", credentials=by_number(credentials))


@page.get("/new")
def new() -> Answer:
    """The form for a new credential."""
    return show("credential_new.html", form=Form({"role": Role.WRITER.value}), roles=_active_roles())


@page.post("/new")
def create() -> Answer:
    """Makes a credential, and shows its API key once, as JSON."""
    acting, form = operator().changing(), Form.sent()
    roles = _active_roles()
    try:
        role = _role(form["role"])
        credential, key = create_credential(acting, form["name"], role)
    except (CommandDeclined, InvalidValue) as error:
        form.fail(error, "name" if form["role"] in roles else "role")
        return refused("credential_new.html", form, roles=roles)
    shown = {"APIKEY": key, "name": credential.name, "role": role.value, "id": credential.id}
    return done(
        f"Credential {credential.name!r} was made. Here is its API key.",
        url_for("credentials.index"),
        secret=_json({**shown, "tenant": acting.tenant_id}),
    )


@page.post("/<credential_id>/revoke")
def revoke(credential_id: str) -> Answer:
    """Revokes a credential, after asking; the question says who uses its key."""
    acting = operator().changing()
    credential = named_by_id(acting.read(), credential_id)
    back = url_for("credentials.index")
    if not confirmed():
        in_use = list(use_of(acting, credential).sentences())
        return confirm(
            f"Revoke credential {credential.name!r}?",
            button="Revoke",
            back=back,
            sentences=[*in_use, "Its key stops working within two minutes, and cannot be brought back."],
        )
    acting.change(edits.revoke_credential(credential.name))
    return done(f"Credential {credential.name!r} was revoked.", back)


@page.post("/<credential_id>/rotate")
def rotate(credential_id: str) -> Answer:
    """Replaces a key with a new one, after asking. It takes as long as the old key must have been unused."""
    acting = operator().changing()
    credential = named_by_id(acting.read(), credential_id)
    planned = credential_rotation.plan(acting, credential.name)
    back = url_for("credentials.index")
    rows = [dict(row) for row in credential_rotation.describe(planned.rotation)]
    if not confirmed(rows):
        return confirm(
            f"Rotate the key of {credential.name!r} like this?",
            button="Rotate",
            back=back,
            sentences=[f"{row['what']}: {row['is']} → {row['will_be']}" for row in rows],
            about=rows,
        )

    def work(job: Job) -> None:
        rotating = replace(acting, progress=job)
        rotated = credential_rotation.carry_out(rotating, rotating.editing(), planned)
        if rotated.key is None:
            job.add("good", f"{rotated.old.name!r} has a new key, and the old one is revoked.")
            return
        new_one = rotated.new
        job.secret = _json({"APIKEY": rotated.key, "name": new_one.name, "role": new_one.role.value, "id": new_one.id})
        job.add("good", credential_rotation.next_step(planned))

    started = memory().jobs.start(f"Rotating {credential.name!r}", back, work, lambda error: explained(acting, error))
    return working(started.id)


def _active_roles() -> list[str]:
    return [role.value for role in operator().read().roles_active]


def _role(text: str) -> Role:
    """The role of this name. Raises InvalidValue."""
    if text not in list(Role):
        message = f"choose one of {', '.join(Role)}"
        raise InvalidValue(message)
    return Role(text)


def _json(document: Mapping[str, object]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
