"""The key of the doctor's own and its probe: what they show, and that nothing of them stays."""

from datetime import timedelta

from operations.health.own_key import NAME
from operations.health.web import WebAnswer
from operations.health.webhook_request import NUMBER
from shared.errors import Unavailable
from shared.tenants import api_keys
from shared.tenants.tenant import Role, SignatureMode
from tests.fakes import ACCOUNT, FORM, NOW, TOKEN
from tests.signing import signature_matches
from tests.unit.cli.command import BASE_URLS
from tests.unit.cli.doctor.stage import examined, healthy
from tests.unit.cli.doctor_fakes import refusal


def test_the_probe_is_a_signed_text_from_a_number_to_itself_with_nothing_personal() -> None:
    command = healthy()
    examined(command, code=0)
    [(url, headers, form)] = [one for one in command.outside.asked if "X-Twilio-Signature" in one[1]]
    assert url == BASE_URLS["east"] + "/sms.receiver/SmsRecv"
    assert (form["From"], form["To"], form["AccountSid"]) == (NUMBER, NUMBER, ACCOUNT)
    body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in form.items()).encode()
    signature = headers["X-Twilio-Signature"]
    assert signature_matches(url=url, body=body, content_type=FORM, signature=signature, tokens=[TOKEN])


def test_a_key_that_another_region_learns_of_late_is_waited_for() -> None:
    command = healthy()
    command.outside.keyed = [WebAnswer(401, {}, ""), WebAnswer(401, {}, ""), refusal(403, "missing_signature")]
    assert examined(command, code=0)["key"][0] == "good"


def test_its_key_is_revoked_whatever_happens() -> None:
    command = healthy()

    def fail(_: dict[str, str]) -> None:
        message = "the network is gone"
        raise Unavailable(message)

    command.outside.arrived = fail
    found = examined(command, code=0)
    assert "the network is gone" in found["key"][1]
    assert command.store.stored().credentials == ()
    command.outside.arrived = lambda _: (_ for _ in ()).throw(KeyboardInterrupt)
    assert command.run("doctor").exit_code != 0
    assert command.store.stored().credentials == ()


def test_a_key_that_a_crash_left_is_revoked_but_not_one_that_is_in_use() -> None:
    old, _ = api_keys.issue("acme", f"{NAME} 1", Role.WRITER, NOW - timedelta(minutes=11))
    new, _ = api_keys.issue("acme", f"{NAME} 2", Role.WRITER, NOW - timedelta(minutes=2))
    theirs, _ = api_keys.issue("acme", "doctor probes", Role.WRITER, NOW - timedelta(days=1))
    command = healthy(credentials=(old, new, theirs))
    examined(command, code=0)
    assert [one.name for one in command.store.stored().credentials] == [new.name, theirs.name]


def test_a_key_that_cannot_be_revoked_is_told_with_its_name() -> None:
    command = healthy()

    def break_store(_: dict[str, str]) -> None:
        command.store.failing = Unavailable("Secrets Manager does not answer")

    command.outside.arrived = break_store
    found = examined(command, code=3)
    assert "could not be revoked" in found["key"][1]
    assert f"./sms --tenant acme credential revoke '{NAME} " in found["key"][2]


def test_looking_only_changes_nothing() -> None:
    command = healthy()
    found = examined(command, "--look-only", code=0)
    assert not {"key", "signed probe"} & set(found)
    assert command.store.written == 0


def test_one_who_may_not_write_sees_the_rest_and_leaves_nothing() -> None:
    command = healthy()
    command.store.interruptions = [lambda _: (_ for _ in ()).throw(Unavailable("AWS answered AccessDenied"))]
    found = examined(command, code=0)
    assert found["key"][:2] == ("warning", "could not be checked, because: AWS answered AccessDenied")


def test_signatures_that_are_only_observed_are_told() -> None:
    command = healthy(signature_mode=SignatureMode.OBSERVE)
    command.outside.keyed = [refusal(400, "malformed")]
    assert examined(command, code=0)["unsigned request"][0] == "warning"


def test_a_tenant_in_which_nobody_may_text() -> None:
    command = healthy(roles_active=(Role.READER,))
    assert "./sms --tenant acme tenant update --roles" in examined(command, code=3)["key"][2]


def test_a_tenant_without_an_account_cannot_sign() -> None:
    found = examined(healthy(accounts=()), code=0)
    assert (found["account"][0], found["signed probe"][0]) == ("warning", "warning")
