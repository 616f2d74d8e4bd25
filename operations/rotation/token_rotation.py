"""Rotating an account's auth token: the plan for an operator to confirm, and carrying it out.

`operations/rotation/auth_token.py` decides which step comes next. Here Twilio, the tenant and the logs are read, and
the changes made. Whatever interrupts it, planning and carrying it out again goes on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from operations.audit.entries import Change
from operations.numbers import drift
from operations.numbers.owned_numbers import resumable
from operations.operator import Operator
from operations.rotation import auth_token
from operations.rotation.auth_token import Step, Tokens
from operations.rotation.token_probe import check_accepted
from operations.rotation.waiting import wait, wait_until_known
from operations.stage.names import STAGES
from operations.tenants.choice import all_tenants
from operations.tenants.editor import Administration
from operations.tenants.edits import account_named, last_four
from operations.tracing import log_lines
from operations.twilio.account_settings import check_account_sid
from operations.twilio.auth_tokens import TwilioTokens
from shared.errors import CommandDeclined, Conflict, Unavailable, UpstreamRefused
from shared.tenants.account import Account

_TRIES, _PAUSE_SECONDS = 15, 2.0
_INVALID = "invalid_signature"
_CHANGED_MEANWHILE = "somebody changed the tokens meanwhile; run the command again"


@dataclass(frozen=True)
class PlannedTokenRotation:
    """What rotating an account's auth token would change, and what that was decided on.

    Attributes:
        sid: the account's SID.
        tokens: the account's tokens, and the step that comes next.
        pause: how long to wait before the new token is promoted, and again before the old one is dropped.
    """

    sid: str
    tokens: Tokens
    pause: timedelta

    @property
    def changes(self) -> list[drift.Difference]:
        """Everything that changes, in words; no token in them."""
        tokens = self.tokens
        first, last = last_four(tokens.alive[0]), last_four(tokens.alive[-1])
        promoted = f"…{last}" if tokens.step is Step.PROMOTE else "the new one"
        changes = []
        if tokens.step is Step.MAKE:
            secondary = "a new one, which may sign as well; one that is there already is deleted"
            changes.append(drift.Difference("secondary auth token", "none that is stored here", secondary))
        if tokens.step is not Step.DROP:
            primary = f"{promoted}, with which Twilio signs from then on"
            changes.append(drift.Difference("primary auth token", f"…{first}", primary))
            changes.append(drift.Difference(f"auth token …{first}", "may sign", "dropped"))
        endings = [last_four(token) for token in tokens.dead]
        return [*changes, *(drift.Difference(f"auth token …{end}", "unknown to Twilio", "dropped") for end in endings)]


def plan(operator: Operator, sid: str, *, pause: timedelta) -> PlannedTokenRotation:
    """What rotating the account's auth token would change. It changes nothing.

    Args:
        operator: who asks; the tenant must be certain.
        sid: the account's SID.
        pause: how long to wait before the new token is promoted, and again before the old one is dropped; longer than
            the parameter tenantCacheSeconds.

    Raises InvalidValue for what is no SID; NotFound; CommandDeclined when another tenant has the account too, or
    Twilio knows none of its tokens; Unavailable, UpstreamRefused, Configuration.
    """
    check_account_sid(sid)
    _check_no_other_tenant(operator, sid)
    return PlannedTokenRotation(sid, _current_tokens(operator, sid), pause)


def carry_out(operator: Operator, administration: Administration, planned: PlannedTokenRotation) -> Account:
    """The account, with its auth token rotated as planned. It takes some minutes.

    Raises Conflict, and changes nothing, when the tokens are not as they were when this was planned; Conflict before
    the promotion, when somebody changed them meanwhile; CommandDeclined when a stage does not accept the new token, or
    requests were refused meanwhile; Unavailable when it is not finished; Configuration.
    """
    region = account_named(operator.read(), planned.sid).region
    twilio = operator.world.tokens(operator.target.twilio_url)
    rotation = _TokenRotation(operator, administration, planned, twilio, region)
    tokens = _current_tokens(operator, planned.sid)
    if tokens != planned.tokens:
        raise Conflict(_CHANGED_MEANWHILE)
    with resumable("rotating"):
        if tokens.step is Step.MAKE:
            tokens = rotation.make(tokens)
        if tokens.step is Step.PROMOTE:
            tokens = rotation.promote(tokens)
        rotation.drop(tokens)
    return account_named(operator.read(), planned.sid)


def _check_no_other_tenant(operator: Operator, sid: str) -> None:
    """Raises CommandDeclined when another tenant has the account too: it would lose the old token without notice.

    The operator hears of a deleted tenant that has it: when it is restored, it has the old token only.
    """
    for record in all_tenants(operator.target.store):
        if record.id == operator.tenant_id or all(account.sid != sid for account in record.accounts):
            continue
        if record.deleted_at:
            operator.progress.warning(
                f"Tenant {record.id!r}, which was deleted, has account {sid}, too. If it is ever restored, give it the "
                f"new token: sms --tenant {record.id} twilio set-account {sid} --add-token"
            )
        else:
            message = (
                f"tenant {record.id!r} has account {sid}, too, and needs the new token in time: make a secondary token "
                "in Twilio's console, give it to each tenant with sms twilio set-account --add-token, promote it "
                "there, and drop the old one with --drop-token"
            )
            raise CommandDeclined(message)


def _current_tokens(operator: Operator, sid: str) -> Tokens:
    """How far the account is. Raises CommandDeclined, NotFound, Unavailable, UpstreamRefused."""
    account = account_named(operator.read(), sid)
    accounts = operator.world.accounts(operator.target.twilio_url)
    return auth_token.tokens(
        account, [token for token in account.auth_tokens if accounts.state(sid, token, region=account.region)]
    )


@dataclass(frozen=True)
class _TokenRotation:
    """The steps for one account; each returns the tokens that there are after it."""

    operator: Operator
    administration: Administration
    planned: PlannedTokenRotation
    twilio: TwilioTokens
    region: str

    def make(self, before: Tokens) -> Tokens:
        """Makes a secondary token at Twilio and stores it. One that is not stored is deleted and made again."""
        [primary] = before.alive
        try:
            token = self.twilio.create(self.planned.sid, primary, region=self.region)
        except UpstreamRefused:
            self.twilio.delete(self.planned.sid, primary, region=self.region)
            token = self.twilio.create(self.planned.sid, primary, region=self.region)
        self._record("make_secondary_token")
        edit = auth_token.exchange(self.planned.sid, add=token, drop=before.dead)
        self.administration.change(self.operator.tenant_id, edit)
        self.operator.progress.note(f"✔ A secondary token, …{last_four(token)}: it may sign as well.")
        return self._wait_for(lambda tokens: token in tokens.alive and tokens.step is Step.PROMOTE)

    def promote(self, before: Tokens) -> Tokens:
        """Makes the secondary token the primary one, once every stage accepts both and knows the tenant with both."""
        wait_until_known(self.operator, at_most=self.planned.pause)
        check_accepted(self.operator, self.administration, self.planned.sid, before.alive)
        wait(self.operator, self.planned.pause, "until nobody remembers the tenant without it")
        if _current_tokens(self.operator, self.planned.sid).alive != before.alive:
            raise Conflict(_CHANGED_MEANWHILE)
        token = self.twilio.promote(self.planned.sid, before.alive[0], region=self.region)
        self._record("promote_token")
        self.operator.progress.note(f"✔ Promoted at Twilio: …{last_four(token)} signs from now on.")
        return self._wait_for(lambda tokens: tokens.alive == (token,))

    def drop(self, before: Tokens) -> None:
        """Drops the old token from the tenant, once nothing that it signed is on its way."""
        begin = self.operator.world.now()
        wait(self.operator, self.planned.pause, "until nothing is on its way that was signed with the old token")
        hops = log_lines.read(self.operator, begin, stages=STAGES, containing=_INVALID)
        count = len([hop for hop in hops if _INVALID in {hop.reason, hop.details.get("would_refuse")}])
        if count:
            options = " ".join(f"--drop-token {last_four(token)}" for token in before.dead)
            message = (
                f"{count} requests were refused meanwhile because of their signature, so the old token may sign as "
                "before; see: sms doctor signature; if they are not Twilio's, drop it yourself: "
                f"sms twilio set-account {self.planned.sid} {options}"
            )
            raise CommandDeclined(message)
        edit = auth_token.exchange(self.planned.sid, drop=before.dead)
        self.administration.change(self.operator.tenant_id, edit)

    def _wait_for(self, holds: Callable[[Tokens], bool]) -> Tokens:
        """The tokens, once Twilio's answers show its own change. Raises Unavailable."""
        for _ in range(_TRIES):
            tokens = _current_tokens(self.operator, self.planned.sid)
            if holds(tokens):
                return tokens
            self.operator.world.sleep(_PAUSE_SECONDS)
        message = "Twilio said yes, and knows the same auth tokens as before"
        raise Unavailable(message)

    def _record(self, what: str) -> None:
        self.operator.record(Change(f"twilio.{what}", self.operator.tenant_id, {"account": self.planned.sid}))
