"""Before a token is promoted, each stage shows that it accepts what either token signs."""

import pytest

from shared.errors import Unavailable
from shared.tenants.account import Account
from shared.tenants.tenant import Role
from tests import fakes
from tests.fakes import ACCOUNT, FORM, TOKEN
from tests.signing import signature_matches
from tests.unit.cli.command import BASE_URLS, Command
from tests.unit.cli.doctor_fakes import refusal
from tests.unit.cli.test_token_rotating import YES, command, stored


def test_each_stage_is_probed_with_each_token_before_the_promotion() -> None:
    run = command()
    primaries: list[str] = []
    run.outside.arrived = lambda _: primaries.append(run.accounts.primary)
    run.json(*YES)
    assert primaries == [TOKEN] * 4
    signed = []
    for url, headers, form in run.outside.asked:
        body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in form.items()).encode()
        by = [
            token
            for token in (TOKEN, run.accounts.primary)
            if signature_matches(
                url=url, body=body, content_type=FORM, signature=headers["X-Twilio-Signature"], tokens=[token]
            )
        ]
        signed.append((url.removesuffix("/sms.receiver/SmsRecv"), *by))
    assert signed == [(base, token) for base in BASE_URLS.values() for token in (TOKEN, run.accounts.primary)]


@pytest.mark.parametrize("answer", [refusal(403, "invalid_signature"), refusal(401, "invalid_key")])
def test_nothing_is_promoted_that_a_stage_does_not_accept(answer: object) -> None:
    run = command()
    run.outside.signed = answer  # type: ignore[assignment]
    result = run.run(*YES)
    assert result.exit_code == 1
    assert "stage east does not accept what the token …" in result.stderr
    assert "so it was not promoted" in result.stderr
    assert run.accounts.primary == TOKEN
    assert TOKEN in stored(run)
    assert run.store.stored().credentials == ()


def test_a_stage_that_does_not_answer_at_once_is_asked_again() -> None:
    run = command()
    times: list[int] = []

    def sometimes(_: dict[str, str]) -> None:
        times.append(1)
        if len(times) % 2:
            message = "no answer: ReadTimeout"
            raise Unavailable(message)

    run.outside.arrived = sometimes
    assert run.json(*YES)["rotated"]
    assert len(times) == 8


def test_needs_a_role_that_may_text_for_its_probe() -> None:
    accounts = (Account(ACCOUNT, "twilio", (TOKEN,)),)
    run = Command.on(fakes.managed_tenant(accounts=accounts, roles_active=(Role.READER,)))
    assert "no active role may text" in run.run(*YES).stderr
    assert run.accounts.primary == TOKEN


def test_a_key_for_the_probe_that_cannot_be_revoked_is_told_with_its_name() -> None:
    run = command()
    run.outside.arrived = lambda _: setattr(run.store, "failing", Unavailable("Secrets Manager does not answer"))
    result = run.run(*YES)
    assert result.exit_code == 1
    assert (
        "could not be revoked: Secrets Manager does not answer; revoke it yourself: ./sms --tenant acme credential"
        in result.stderr
    )
