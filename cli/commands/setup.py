"""`sms setup`: everything that a first text needs, asked for step by step and made at once."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Annotated, get_args

import typer

from cli import backends
from cli.backends import BackendOptions
from cli.commands import number as numbers
from cli.commands import twilio, url
from cli.commands.credential import SHOWN_ONCE
from cli.commands.text import asking_the_twin
from cli.context import Invocation
from operations.numbers.phone_number import normalise
from operations.stage.target import Stage
from operations.tenants import agent_edits, edits
from shared.errors import Conflict, InvalidValue, NotFound
from shared.providers import PROVIDERS
from shared.tenants import api_keys
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from shared.tenants.tenant import Account, Role, check_tenant_id

app = typer.Typer()

_PROVIDERS = [provider.name for provider in PROVIDERS]
_KINDS = [kind.value for kind in AgentKind if kind.takes_texts]
_A_PERSON = "+12025550147"
_BACKENDS = ["echo", "http"]
_ROLES = [role.value for role in Role if role.may_text]


@app.command()
def setup(  # noqa: PLR0913 -- one option an answer
    ctx: typer.Context,
    *,
    provider: Annotated[str | None, typer.Option(help=f"The SMS provider: {', '.join(_PROVIDERS)}.")] = None,
    account: Annotated[str | None, typer.Option(metavar="AC…", help="The SID of the account at the provider.")] = None,
    agent: Annotated[str | None, typer.Option(metavar="NAME", help="The agent's name.")] = None,
    kind: Annotated[str | None, typer.Option(help=f"The agent's kind: {', '.join(_KINDS)}.")] = None,
    region: Annotated[str | None, typer.Option(help="The stage whose URL its number uses: east, south.")] = None,
    number: Annotated[str | None, typer.Option(help="The phone number, as people type it.")] = None,
    country: numbers.Country = "US",
    backend: Annotated[
        str | None, typer.Option(help="Who answers: echo or http; others with: sms agent update.")
    ] = None,
    backend_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The URL of an http backend: https://…")
    ] = None,
    credential: Annotated[
        str | None, typer.Option(metavar="NAME", help="A name for the credential, whose API key is in the URL.")
    ] = None,
    role: Annotated[str | None, typer.Option(help=f"The credential's role: {', '.join(_ROLES)}.")] = None,
) -> None:
    """Make a tenant with account, agent, number and credential, and show the URL to paste.

    What no option answers is asked for. The auth token is always asked for, or read from standard input.

    With --local the twin of Twilio gets the number too, and nothing is left to paste.
    """
    run: Invocation = ctx.obj
    tenant_id = run.ask("Tenant, an id of lower-case letters and digits", "--tenant", run.tenant, partial(_free, run))
    writing = run.creating(tenant_id)
    carrier = run.ask("SMS provider", "--provider", provider, _one_of(_PROVIDERS), _PROVIDERS[0])
    sid = run.ask("SID of the Twilio account that owns the number", "--account", account, twilio.check_account_sid)
    [token] = run.secrets(twilio.AUTH_TOKEN)
    texting = Agent(
        name=run.ask("Agent, a name", "--agent", agent, _agent_name),
        kind=AgentKind(run.ask(f"Its kind: {' or '.join(_KINDS)}", "--kind", kind, _one_of(_KINDS), "sms")),
        region=run.ask("Its region: east or south", "--region", region, _one_of(get_args(Stage)), run.stage),
        numbers=(run.ask("Its phone number", "--number", number, lambda typed: normalise(typed, country)),),
    )
    answering = _backend(run, backend, backend_url)
    issued, key = api_keys.issue(
        tenant_id,
        run.ask("Credential, a name", "--credential", credential, str, carrier),
        Role(run.ask(f"Its role: {' or '.join(_ROLES)}", "--role", role, _one_of(_ROLES), "Writer")),
        run.world.now(),
    )
    webhook = url.describe(run.target, texting, key)
    writing.create(
        tenant_id,
        primary_region=run.target.region,
        edits=[
            edits.add_account(Account(sid, carrier, (token,))),
            agent_edits.add_agent(replace(texting, backend=answering)),
            edits.add_credential(issued),
        ],
    )
    run.output.hints.tenant = tenant_id
    signing = {"signing_secret": answering.secrets[0]} if answering.secrets else {}
    run.output.record({"tenant": tenant_id, "number": texting.numbers[0], "APIKEY": key, **signing, **webhook})
    run.output.note(SHOWN_ONCE + " It is part of the URL.")
    if signing:
        run.output.note(backends.SHOWN_ONCE)
    if run.local and webhook["url"]:
        _paste(run, Account(sid, carrier, (token,)), texting.numbers[0], webhook["url"], webhook["fallback_url"])
        return
    run.output.note(url.WHERE_TO_PASTE if webhook["url"] else url.not_deployed(texting.region))


def _free(run: Invocation, tenant_id: str) -> str:
    """Looks for the tenant itself, for a list of them may be old. Raises Conflict, InvalidValue, Unavailable."""
    with suppress(NotFound):
        run.target.store.read(check_tenant_id(tenant_id))
        message = f"tenant {tenant_id!r} exists already; choose another id"
        raise Conflict(message)
    return tenant_id


def _paste(run: Invocation, account: Account, number: str, webhook: str, fallback: str | None) -> None:
    """Does at the twin what the operator does in Twilio's console. Raises Declined."""
    with asking_the_twin():
        phones = run.world.phones()
        phones.own_account(account.sid, auth_token=account.auth_tokens[0])
        phones.own_number(number, account=account.sid, webhook=webhook, fallback=fallback)
    run.output.note(f"The twin of Twilio has it; try: sms text --from {_A_PERSON} --to {number} Hello")


def _backend(run: Invocation, kind: str | None, url: str | None) -> BackendSettings:
    chosen = run.ask("Its backend: echo or http", "--backend", kind, _one_of(_BACKENDS), "echo")
    if chosen != "http":
        return BackendOptions("", kind=chosen, url=url).applied(None, local=run.local)

    def accept(text: str) -> BackendSettings:
        return BackendOptions("", kind=chosen, url=text).applied(None, local=run.local)

    return run.ask("The backend's URL", "--backend-url", url, accept)


def _one_of(choices: Sequence[str]) -> Callable[[str], str]:
    by_name = {choice.lower(): choice for choice in choices}

    def accept(text: str) -> str:
        if text.strip().lower() not in by_name:
            message = f"choose one of {', '.join(choices)}"
            raise InvalidValue(message)
        return by_name[text.strip().lower()]

    return accept


def _agent_name(name: str) -> str:
    return Agent(name=name, kind=AgentKind.SMS, region="east").name
