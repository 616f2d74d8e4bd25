"""`sms credential rotate`: no key that stands at Twilio ever fails to work, and a crash anywhere is made good."""

import pytest

from operations.numbers import webhook_url
from operations.stage.tenant_copy import SecretCopy
from shared.errors import InDoubt, SmsReceiverError, Unavailable, UpstreamRefused
from shared.reasons import Reason
from tests.fakes import OUR_NUMBER, Crash
from tests.unit.cli.crashes import fused
from tests.unit.cli.doctor_fakes import copy
from tests.unit.cli.rotation import OWN, ROTATE, connected, names, standing, used


def test_a_numbers_key_is_exchanged_waited_for_and_revoked_and_nothing_is_shown_of_either() -> None:
    command = connected()
    old = standing(command)
    before = command.numbers.numbers[OUR_NUMBER].webhooks
    slept: list[float] = []
    command.sleep = slept.append
    result = command.run(*ROTATE, OWN, "--yes")
    assert result.exit_code == 0
    new = standing(command)
    assert old
    assert new
    assert (new.name, new.role, new.replaces) == (OWN, old.role, None)
    assert new.id != old.id
    stored = command.store.stored()
    assert names(stored) == ["twilio", OWN]
    assert webhook_url.working_credential(before.url, stored) is None
    connection = command.directory.connection("acme", OUR_NUMBER)
    assert connection
    assert (connection.credential_id, new.agent_id) == (new.id, old.agent_id)
    assert 600 < sum(slept) < 620
    for url in (before.url, command.numbers.numbers[OUR_NUMBER].webhooks.url):
        key = webhook_url.key_in(url)
        assert key
        assert key not in result.output
    for word in (f"{OWN} (new)", "…0199: API key", "revoked once unused", "Waiting 10m"):
        assert word in result.stderr
    assert command.run("number", "check").exit_code == 0


@pytest.mark.parametrize("after", [1, 2, 3])  # of four: the credential, the connection, Twilio, the credentials
def test_a_crash_after_any_write_is_made_good_by_the_same_command(after: int) -> None:
    command = connected()
    fuse = fused(command)

    def look() -> None:
        assert standing(command), "a key stands at Twilio that does not work"

    fuse.look, fuse.after = look, after
    old = standing(command)
    with pytest.raises(Crash):
        command.run(*ROTATE, OWN, "--yes")
    fuse.after = None
    assert command.run(*ROTATE, OWN, "--yes").exit_code == 0
    assert fuse.written == {1: 5, 2: 6, 3: 4}[after]  # a key that did not come to Twilio is lost, and made anew
    new = standing(command)
    assert new
    assert new != old
    assert names(command.store.stored()) == ["twilio", OWN]
    connection = command.directory.connection("acme", OUR_NUMBER)
    assert connection
    assert connection.credential_id == new.id
    assert command.run("number", "check").exit_code == 0


@pytest.mark.parametrize(
    "failing",
    [
        InDoubt("Twilio was asked, and did not answer: ReadTimeout"),
        Unavailable("Twilio cannot be reached: NewConnectionError"),
        UpstreamRefused(Reason.PROVIDER_REFUSED, "Twilio answered 400, error 21402", code=21402),
    ],
)
def test_what_twilio_did_not_take_leaves_the_old_key_working(failing: SmsReceiverError) -> None:
    command = connected()
    old = standing(command)
    command.numbers.failing = failing
    result = command.run(*ROTATE, OWN, "--yes")
    assert result.exit_code == 1
    assert "run the same command again" in result.stderr
    assert standing(command) == old
    command.numbers.failing = None
    assert command.run(*ROTATE, OWN, "--yes").exit_code == 0
    assert names(command.store.stored()) == ["twilio", OWN]


def test_the_credential_is_everywhere_before_twilio_gets_the_new_key() -> None:
    command = connected()
    old_copy = copy(access=SecretCopy("v0", "digest of an older version", 1000))
    command.inspected.stored = {"us-east-1": copy(), "us-east-2": old_copy}
    old = standing(command)
    result = command.run(*ROTATE, OWN, "--yes")
    assert result.exit_code == 1
    assert "not the same in us-east-1 and us-east-2 yet" in result.stderr
    assert standing(command) == old
    command.inspected.stored = {"us-east-1": copy(), "us-east-2": copy()}
    assert command.run(*ROTATE, OWN, "--yes").exit_code == 0


@pytest.mark.parametrize("far", [False, True])
def test_an_old_key_that_is_still_used_is_not_revoked(far: bool) -> None:  # noqa: FBT001
    command = connected()
    old = standing(command)
    assert old
    (command.far_logs if far else command.logs)["receiver"] = [used(old)]
    result = command.run(*ROTATE, OWN, "--yes")
    assert result.exit_code == 1
    assert "is still used: last at 2026-11-23 12:00:00" in result.stderr
    assert f"on stage {'south' if far else 'east'} (receiver: Accepted)" in result.stderr
    assert command.store.stored().credential(old.id)
    assert standing(command) not in {None, old}


def test_what_was_on_its_way_with_the_old_key_only_prolongs_it() -> None:
    command = connected()
    old = standing(command)
    assert old
    command.logs["receiver"] = [used(old)]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if sum(slept) > 700:
            command.logs.clear()

    command.sleep = sleep
    assert command.run(*ROTATE, OWN, "--yes").exit_code == 0
    assert 1200 < sum(slept) < 1220


def test_without_yes_and_a_terminal_it_shows_the_plan_and_changes_nothing() -> None:
    command = connected()
    before = command.store.stored()
    result = command.run(*ROTATE, OWN)
    assert result.exit_code == 1
    assert "needs --yes" in result.stderr
    assert f"{OWN} (new)" in result.stderr
    assert command.store.stored() == before


def test_declines_what_does_not_exist_and_a_time_that_makes_no_sense() -> None:
    command = connected()
    assert "no credential 'nobody'" in command.declined(*ROTATE, "nobody", "--yes")
    assert "a number and a unit" in command.declined(*ROTATE, OWN, "--yes", "--quiet", "soon")
