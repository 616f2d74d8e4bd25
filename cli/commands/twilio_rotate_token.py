"""`sms twilio rotate-token`: a new auth token in the place of an old one, and no text refused and no reply lost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, get_args

import typer

from cli.commands.twilio import check_account_sid, describe
from cli.context import Invocation
from operations import durations
from operations.audit.entries import Change as Made
from operations.numbers.drift import Change
from operations.numbers.lookup import plan_of, to_be_finished
from operations.rotation import auth_token
from operations.rotation.auth_token import Step, Tokens
from operations.rotation.token_probe import check_accepted
from operations.rotation.waiting import wait, wait_until_known
from operations.stage.target import Stage
from operations.tenants import edits
from operations.tenants.editor import Administration
from operations.tenants.edits import last_four
from operations.tracing import log_lines
from operations.twilio.auth_tokens import TwilioTokens
from shared.errors import Conflict, Declined, Refused, Unavailable

_TRIES, _PAUSE_SECONDS = 15, 2.0
_INVALID = "invalid_signature"

app = typer.Typer()


@app.command("rotate-token")
def rotate_token(
    ctx: typer.Context,
    sid: Annotated[str, typer.Argument(metavar="AC…", help="The SID of the account or subaccount.")],
    quiet: Annotated[
        str,
        typer.Option(
            metavar="AGE",
            help="How long to wait before the new token is promoted, and again before the old one is dropped. It must "
            "be longer than the parameter tenantCacheSeconds.",
        ),
    ] = "2m",
) -> None:
    """Exchange an account's auth token for a new one, without a moment in which a text is refused.

    Makes a secondary token at Twilio and lets it sign as well; proves with a probe on each stage, which no backend
    gets, that it is accepted; promotes it at Twilio; and drops the old one when nothing was refused meanwhile.

    Whatever interrupts it, the same command goes on from there. It takes some minutes.
    """
    run: Invocation = ctx.obj.changing()
    check_account_sid(sid)
    stretch = durations.read(quiet)
    _check_others(run, sid)
    rotation = _Rotation(run, sid, stretch, run.world.tokens(run.target.twilio_url))
    present = rotation.present()
    run.output.plan(plan_of(_changes(present)))
    writing = run.editing()
    run.confirm("Rotate the auth token like this?")
    with to_be_finished("rotating"):
        if present.step is Step.MAKE:
            present = rotation.make(writing, present)
        if present.step is Step.PROMOTE:
            present = rotation.promote(writing, present)
        rotation.drop(writing, present)
    run.output.record({"rotated": True, **describe(edits.account_named(run.read(), sid))})


def _changes(present: Tokens) -> list[Change]:
    first, last = last_four(present.alive[0]), last_four(present.alive[-1])
    made = f"…{last}" if present.step is Step.PROMOTE else "the new one"
    changes = []
    if present.step is Step.MAKE:
        kept = "a new one, which may sign as well; one that is there already is deleted"
        changes.append(Change("secondary auth token", "none that is stored here", kept))
    if present.step is not Step.DROP:
        changes.append(Change("primary auth token", f"…{first}", f"{made}, with which Twilio signs from then on"))
        changes.append(Change(f"auth token …{first}", "may sign", "dropped"))
    dead = [Change(f"auth token …{last_four(token)}", "unknown to Twilio", "dropped") for token in present.dead]
    return [*changes, *dead]


def _check_others(run: Invocation, sid: str) -> None:
    """Raises Declined when another tenant has the account as well: the old token would die under its hands."""
    others = [other for other in run.target.store.ids() if other != run.tenant_id]
    for other in others:
        if run.target.store.read(other)[0].account(sid):
            message = (
                f"tenant {other!r} has account {sid}, too, and needs the new token in time: make a secondary token in "
                "Twilio's console, give it to each tenant with sms twilio set-account --add-token, promote it there, "
                "and drop the old one with --drop-token"
            )
            raise Declined(message)


@dataclass(frozen=True)
class _Rotation:
    """One account's, step by step; each gives what is there after it."""

    run: Invocation
    sid: str
    stretch: timedelta
    twilio: TwilioTokens

    def present(self) -> Tokens:
        """How far it is. Raises Declined, NotFound, Unavailable."""
        account = edits.account_named(self.run.read(), self.sid)
        accounts = self.run.world.accounts(self.run.target.twilio_url)
        known = [token for token in account.auth_tokens if accounts.state(self.sid, token)]
        return auth_token.tokens(account, known)

    def make(self, writing: Administration, before: Tokens) -> Tokens:
        """A secondary token, at Twilio and then in the document; one that is not in the document is made anew."""
        [shown] = before.alive
        try:
            token = self.twilio.create(self.sid, shown)
        except Refused:
            self.twilio.delete(self.sid, shown)
            token = self.twilio.create(self.sid, shown)
        self._made("make_secondary_token")
        writing.change(self.run.tenant_id, auth_token.exchange(self.sid, add=token, drop=before.dead))
        self.run.output.note(f"✔ A secondary token, …{last_four(token)}: it may sign as well.")
        return self._once(lambda now: token in now.alive and now.step is Step.PROMOTE)

    def promote(self, writing: Administration, before: Tokens) -> Tokens:
        """The secondary token as the primary one, once every stage accepts both and knows no document without it."""
        wait_until_known(self.run, at_most=self.stretch)
        check_accepted(self.run, writing, self.sid, before.alive)
        wait(self.run, self.stretch, "until nobody remembers the tenant without it")
        if self.present().alive != before.alive:
            message = "somebody changed the tokens meanwhile; run the command again"
            raise Conflict(message)
        token = self.twilio.promote(self.sid, before.alive[0])
        self._made("promote_token")
        self.run.output.note(f"✔ Promoted at Twilio: …{last_four(token)} signs from now on.")
        return self._once(lambda now: now.alive == (token,))

    def drop(self, writing: Administration, before: Tokens) -> None:
        """The old token out of the document, once nothing that it signed is on its way."""
        begin = self.run.world.now()
        wait(self.run, self.stretch, "until nothing is on its way that was signed with the old token")
        hops = log_lines.read(self.run, begin, stages=get_args(Stage), containing=_INVALID)
        count = len([hop for hop in hops if _INVALID in {hop.reason, hop.details.get("would_refuse")}])
        if count:
            dropping = " ".join(f"--drop-token {last_four(token)}" for token in before.dead)
            message = (
                f"{count} requests were refused meanwhile because of their signature, so the old token may sign as "
                "before; see: sms doctor signature; if they are not Twilio's, drop it yourself: "
                f"sms twilio set-account {self.sid} {dropping}"
            )
            raise Declined(message)
        writing.change(self.run.tenant_id, auth_token.exchange(self.sid, drop=before.dead))

    def _once(self, holds: Callable[[Tokens], bool]) -> Tokens:
        """What is there, once Twilio knows of its own change. Raises Unavailable."""
        for _ in range(_TRIES):
            present = self.present()
            if holds(present):
                return present
            self.run.world.sleep(_PAUSE_SECONDS)
        message = "Twilio said yes, and knows the same auth tokens as before"
        raise Unavailable(message)

    def _made(self, what: str) -> None:
        self.run.record(Made(f"twilio.{what}", self.run.tenant_id, {"account": self.sid}))
