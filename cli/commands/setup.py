"""`sms setup`: everything that a first text needs, asked for step by step and made at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated

import typer

from cli.commands.backend import SIGNING_SHOWN_ONCE
from cli.commands.credential import SHOWN_ONCE
from cli.commands.text import reporting_twin_errors
from cli.commands.url import WHERE_TO_PASTE
from cli.context import Invocation
from cli.options.numbers import Country, read_number
from cli.secret_lines import SecretLine
from operations.numbers.agent_webhook import not_deployed
from operations.numbers.by_hand import is_set_by_hand
from operations.stage.names import STAGES
from operations.tenants.agents import new_agent_id
from operations.tenants.backends import BackendChange
from operations.tenants.setup import NewTenant, TenantSetup, check_agent_name, check_free, check_number_free, set_up
from operations.twilio.account_settings import check_account_sid, check_auth_token, try_auth_token
from operations.twilio.senders import webhook_place
from shared.address import Address
from shared.errors import InvalidValue
from shared.providers.rules import RULES
from shared.tenants.account import Account
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from shared.tenants.tenant import Role

app = typer.Typer()

_PROVIDERS = list(RULES.names)
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
    kind: Annotated[
        str | None, typer.Option(help="The agent's kind: sms, or voice+sms when it also takes calls elsewhere.")
    ] = None,
    region: Annotated[str | None, typer.Option(help="The stage whose URL its number uses: east, south.")] = None,
    number: Annotated[
        str | None,
        typer.Option(help="The agent's phone number or other address, as people type it."),
    ] = None,
    country: Country = "US",
    backend: Annotated[
        str | None, typer.Option(help="Who answers: echo or http; others with: sms agent update.")
    ] = None,
    backend_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The URL of an http backend: https://…")
    ] = None,
    credential: Annotated[
        str | None, typer.Option(metavar="NAME", help="A name for the credential, whose API key is in the URL.")
    ] = None,
    role: Annotated[
        str | None, typer.Option(help=f"The credential's role: {' or '.join(_ROLES)}; both may text.")
    ] = None,
) -> None:
    """Make a tenant with account, agent, number and credential, and show the URL to paste.

    What no option answers is asked for. The auth token is always asked for, or read from standard input, and Twilio is
    asked whether it accepts it.

    With --local the twin of Twilio gets the number too, and nothing is left to paste.
    """
    run: Invocation = ctx.obj
    tenant_id = run.ask(
        "Tenant, an id of lower-case letters and digits", "--tenant", run.tenant, partial(check_free, run)
    )
    administration = run.creating(tenant_id)
    carrier = run.ask("SMS provider", "--provider", provider, _one_of(_PROVIDERS), _PROVIDERS[0])
    sid = run.ask("SID of the Twilio account that owns the number", "--account", account, check_account_sid)
    # On the local stack the twin does not know the account yet: it gets it from here.
    [token] = run.secrets(
        SecretLine("auth token", check_auth_token if run.local else partial(try_auth_token, run, sid))
    )
    texted_agent = Agent(
        id=new_agent_id(),
        name=run.ask("Agent, a name", "--agent", agent, check_agent_name),
        kind=AgentKind(run.ask(f"Its kind: {' or '.join(_KINDS)}", "--kind", kind, _one_of(_KINDS), "sms")),
        stage=run.ask("Its region: east or south", "--region", region, _one_of(STAGES), run.stage),
    )

    def free_number(typed: str) -> str:
        return check_number_free(run, read_number(run, typed, country))

    tenant_setup = TenantSetup(
        tenant_id=tenant_id,
        account=Account(sid, carrier, (token,)),
        number=run.ask("Its phone number", "--number", number, free_number),
        agent=replace(texted_agent, backend=_backend(run, backend, backend_url)),
        credential_name=run.ask("Credential, a name", "--credential", credential, str, carrier),
        role=Role(run.ask(f"Its role: {' or '.join(_ROLES)}", "--role", role, _one_of(_ROLES), "Writer")),
    )
    new_tenant = set_up(run, administration, tenant_setup)
    run.output.hints.tenant = tenant_id
    _show(run, new_tenant)
    if not new_tenant.has_number:
        raise typer.Exit(1)
    if run.local and new_tenant.webhook.url:
        _connect_at_twin(run, new_tenant)
    else:
        where = _where_to_paste(tenant_setup.number)
        run.output.note(where if new_tenant.webhook.url else not_deployed(texted_agent.stage))


def _where_to_paste(number: str) -> str:
    if is_set_by_hand(number):
        return f"Paste it in Twilio's console: {webhook_place(Address.parse(number))}."
    return WHERE_TO_PASTE


def _show(run: Invocation, new_tenant: NewTenant) -> None:
    tenant_setup, secret = new_tenant.setup, new_tenant.signing_secret
    run.output.record(
        {
            "tenant": tenant_setup.tenant_id,
            "number": tenant_setup.number if new_tenant.has_number else None,
            "APIKEY": new_tenant.key,
            **({"signing_secret": secret} if secret else {}),
            **new_tenant.webhook.describe(),
        }
    )
    run.output.note(SHOWN_ONCE + " It is part of the URL.")
    if secret:
        run.output.note(SIGNING_SHOWN_ONCE)


def _connect_at_twin(run: Invocation, new_tenant: NewTenant) -> None:
    """Does at the twin what the operator does in Twilio's console. Raises CommandDeclined."""
    account, number, webhook = new_tenant.setup.account, new_tenant.setup.number, new_tenant.webhook
    with reporting_twin_errors():
        phones = run.world.phones()
        phones.set_account(account.sid, auth_token=account.auth_tokens[0])
        phones.set_number(number, account=account.sid, webhook=webhook.url or "", fallback=webhook.fallback_url)
    run.output.note(f"The twin of Twilio has it; try: sms text --from {_A_PERSON} --to {number} Hello")


def _backend(run: Invocation, kind: str | None, url: str | None) -> BackendSettings:
    backend_kind = run.ask("Its backend: echo or http", "--backend", kind, _one_of(_BACKENDS), "echo")

    def accept(text: str | None) -> BackendSettings:
        return BackendChange(kind=backend_kind, url=text).applied(None, local=run.local)

    return run.ask("The backend's URL", "--backend-url", url, accept) if backend_kind == "http" else accept(url)


def _one_of(choices: Sequence[str]) -> Callable[[str], str]:
    by_name = {choice.lower(): choice for choice in choices}

    def accept(text: str) -> str:
        if text.strip().lower() not in by_name:
            message = f"choose one of {', '.join(choices)}"
            raise InvalidValue(message)
        return by_name[text.strip().lower()]

    return accept
