"""The stage that is not the home stage, when the home region is away and when its own copies of tenants lag."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from devstack.arrivals import Arrivals
from devstack.aws import LocalAws
from devstack.aws_proxy import AwsProxy
from devstack.faults import Faults
from devstack.snapshot import Snapshot
from devstack.state import StackState
from operations.stage.names import HOME_STAGE, REGIONS
from shared.tenants import api_keys
from shared.tenants.account import Account
from shared.tenants.tenant import Role
from tests.e2e.lines import Line, Lines, fresh_number, sign
from tests.e2e.operators import done, sms_on_aws
from tests.e2e.programs import send
from tests.e2e.talks import Talks
from tests.e2e.waiting import until

STAGE = "south"
HOME, OWN = REGIONS[HOME_STAGE], REGIONS[STAGE]
CACHES_SECONDS = 4
"""What the authorizer's answer and a Lambda's cache live here together (`devstack.deployment.SHORT`)."""

Report = Callable[[str], None]
Away = Callable[[], AbstractContextManager[None]]
CACHES = pytest.mark.parametrize("caches", ["cold", "warm"])


@contextmanager
def in_front_of(stage: str, present: StackState, aws: LocalAws, talks: Talks) -> Iterator[AwsProxy]:
    """What a stage's functions read and write tenants through. Their processes are new, and know no tenant."""
    talks.rest(stage)
    proxy = AwsProxy(present.aws_endpoint)
    with proxy.listening(), Faults(stage, aws).behind(proxy):
        yield proxy
        talks.rest(stage)


@pytest.fixture
def proxy(present: StackState, aws: LocalAws, talks: Talks) -> Iterator[AwsProxy]:
    with in_front_of(STAGE, present, aws, talks) as made:
        yield made


@pytest.fixture(params=["without", "silent"])
def home_away(request: pytest.FixtureRequest, proxy: AwsProxy) -> Away:
    """Takes the home region away: connections end, or nothing is answered."""
    away: Callable[[str], AbstractContextManager[None]] = getattr(proxy, request.param)
    return lambda: away(HOME)


@CACHES
def test_without_the_home_region_people_are_answered(
    talks: Talks, lines: Lines, home_away: Away, caches: str, report: Report
) -> None:
    talk = talks.begin(STAGE, statuses=True)
    before = ["before"] if caches == "warm" else []
    for body in before:
        talk.person.text(body)
        assert talks.backend.wait(lambda _: "delivered" in talk.person.statuses())
    seen = [f"You said: {body}" for body in before]
    talks.rest(STAGE)

    with home_away():
        began = time.monotonic()
        talk.person.text("hello")
        accepted = time.monotonic()
        assert talk.person.sees(len(seen) + 1) == [*seen, "You said: hello"]
        answered = time.monotonic()
        assert talks.backend.wait(lambda _: talk.person.statuses().count("delivered") == len(seen) + 1)
        program = send(talk.line, to=talk.person.address, text="by the way")
        assert program.status_code == 202
        assert talk.person.sees(len(seen) + 2)[-1] == "by the way"

        refusing = time.monotonic()
        assert talk.line.post(talk.line.form(), key=wrong_key(talk.line)).status_code == 401
        refused = time.monotonic()
        assert send(talk.line, key=wrong_key(talk.line), to=talk.person.address, text="no").status_code == 401
        nobodys = talk.line.form(To=fresh_number())
        assert talk.line.post(nobodys).status_code == 200
        assert lines.parked(talk.line, nobodys["MessageSid"]).reason == "no_agent"
    report(
        f"home away: accepted in {accepted - began:.1f} s, answered in {answered - began:.1f} s, "
        f"a wrong key refused in {refused - refusing:.1f} s"
    )


def test_the_home_stage_needs_no_other_region(present: StackState, aws: LocalAws, talks: Talks) -> None:
    with in_front_of(HOME_STAGE, present, aws, talks) as proxy:
        talk = talks.begin(HOME_STAGE)
        with proxy.without(OWN):
            talk.person.text("hello")
            assert talk.person.sees(1) == ["You said: hello"]
            assert talk.line.post(talk.line.form(), key=wrong_key(talk.line)).status_code == 401


def test_what_was_changed_while_the_home_region_was_away_arrives_when_it_is_back(
    talks: Talks, lines: Lines, aws: LocalAws, proxy: AwsProxy, arrivals: Arrivals
) -> None:
    line = lines.open(STAGE)
    here = ("--stage", HOME_STAGE, "--tenant", line.tenant)
    number = fresh_number()
    assert line.post(line.form()).status_code == 200

    with proxy.lagging(OWN), proxy.without(HOME):
        key = done("credential", "create", "--name", "new", "--role", "Writer", *here)["APIKEY"]
        lines.secret.update({key, key.rpartition("_")[2], number})
        done("number", "assign", number, "--agent", "helper", *here)
        done("credential", "revoke", "phone", *here, "--yes")
        assert line.post(line.form(), key=key).status_code == 401  # nobody can be asked
        assert line.post(line.form()).status_code == 200

    fresh = replace(line, key=key)
    assert until(lambda: fresh.post(fresh.form()).status_code == 200, within_seconds=CACHES_SECONDS)
    text = fresh.form(To=number)
    assert fresh.post(text).status_code == 200
    assert arrivals.arrived(STAGE, text["MessageSid"])
    assert until(lambda: line.post(line.form()).status_code == 401, within_seconds=2 * CACHES_SECONDS)
    home, own = (of_tenant(Snapshot.take(aws, region), line) for region in (HOME, OWN))
    assert home == own
    talks.rest(STAGE)


def test_without_the_home_region_the_command_says_what_works(
    present: StackState, lines: Lines, proxy: AwsProxy
) -> None:
    line = lines.open(STAGE)
    here = ("--stage", STAGE, "--tenant", line.tenant)

    with proxy.without(HOME):
        for arguments in (("tenant", "list"), ("credential", "create", "--name", "new", "--role", "Writer")):
            declined = sms_on_aws(proxy.url, present.operator, *arguments, *here)
            assert declined.returncode == 1, declined.stdout
            assert f"If only the home region {HOME} does not answer" in declined.stderr
            assert "Traceback" not in declined.stderr
        parked = sms_on_aws(proxy.url, present.operator, "parked", "list", *here)
        examined = sms_on_aws(proxy.url, present.operator, "doctor", *here)

    assert (parked.returncode, json.loads(parked.stdout)) == (0, [])
    assert examined.returncode == 3, examined.stderr
    seen = [(finding["check"], finding["verdict"], finding["seen"]) for finding in json.loads(examined.stdout)]
    assert any(f"cannot be read in the home region {HOME}" in text for _, verdict, text in seen if verdict == "wrong")
    assert ("tenant", "good", f"region {OWN} has all of {line.tenant}, which is what this stage goes on with") in seen
    assert {"queue inbound", "alarms", "triggers"} <= {check for check, _, _ in seen}
    assert [credential.name for credential in lines.tenant(line).credentials] == ["phone"]


def wrong_key(line: Line) -> str:
    """A key of the line's tenant that was never made."""
    return api_keys.issue(line.tenant, "nobody's", Role.WRITER, datetime.now(UTC))[1]


def of_tenant(snapshot: Snapshot, line: Line) -> tuple[object, object]:
    """The items and secrets of a line's tenant, without the ARNs, which name the region."""
    items = {key: item for key, item in snapshot.items.items() if line.tenant in str(item)}
    assert len(items) > 5
    named = {name: secret for name, secret in snapshot.secrets.items() if f"/{line.tenant}/" in name}
    assert len(named) == 3
    return items, {name: {**secret, "ARN": ""} for name, secret in named.items()}


@CACHES
def test_what_was_just_stored_works_at_once_where_the_copies_lag(
    talks: Talks, lines: Lines, proxy: AwsProxy, arrivals: Arrivals, caches: str
) -> None:
    line, bare = lines.open(STAGE), lines.open(STAGE, backend=None)
    if caches == "warm":
        text = line.form()
        assert line.post(text).status_code == 200
        assert arrivals.arrived(STAGE, text["MessageSid"])
        nobody_home = bare.form()
        assert bare.post(nobody_home).status_code == 200
        assert lines.parked(bare, nobody_home["MessageSid"]).reason == "no_backend"
    talks.rest(STAGE)

    with proxy.lagging(OWN):
        fresh = replace(line, key=lines.issue(line, "new"))
        assert fresh.post(fresh.form()).status_code == 200

        sub = Account(sid="AC" + secrets.token_hex(16), provider="twilio", auth_tokens=("the-subaccounts-own",))
        both = replace(lines.tenant(line).accounts[0], auth_tokens=(line.token, "the-secondary"))
        lines.change(line, accounts=(both, sub))
        for account, token in ((sub.sid, "the-subaccounts-own"), (line.account, "the-secondary")):
            form = fresh.form(AccountSid=account)
            assert fresh.post(form, signature=sign(token, line.url, form)).status_code == 200
            assert arrivals.arrived(STAGE, form["MessageSid"])

        [agent] = lines.tenant(line).agents
        number = fresh_number()
        lines.target.numbers_directory.assign(line.tenant, agent.id, number)
        text = fresh.form(To=number)
        assert fresh.post(text).status_code == 200
        assert arrivals.arrived(STAGE, text["MessageSid"])

        [agent] = lines.tenant(bare).agents
        lines.change(bare, agents=(replace(agent, backend=lines.backend.settings()),))
        text = bare.form()
        assert bare.post(text).status_code == 200
        assert arrivals.arrived(STAGE, text["MessageSid"])

        made = lines.open(STAGE)  # a whole tenant that the copies do not have
        text = made.form()
        assert made.post(text).status_code == 200
        assert arrivals.arrived(STAGE, text["MessageSid"])
        talks.rest(STAGE)


def test_a_revoked_key_works_no_longer_than_the_caches_where_the_secrets_lag(
    lines: Lines, proxy: AwsProxy, report: Report
) -> None:
    line = lines.open(STAGE)
    left = replace(line, key=lines.issue(line, "stays"))

    with proxy.lagging(OWN, "secretsmanager"):
        assert line.post(line.form()).status_code == 200
        lines.change(line, credentials=lines.tenant(line).credentials[1:])
        seconds = works_for(line)
        assert left.post(left.form()).status_code == 200
    report(f"a revoked key worked for {seconds:.1f} s where the secrets lag")
    assert seconds < CACHES_SECONDS + 2


def test_a_deleted_tenant_works_no_longer_than_the_caches_where_the_secrets_lag(
    lines: Lines, proxy: AwsProxy, report: Report
) -> None:
    line = lines.open(STAGE)

    with proxy.lagging(OWN, "secretsmanager"):
        assert line.post(line.form()).status_code == 200
        lines.store.delete(line.tenant)
        seconds = works_for(line)
    report(f"a deleted tenant worked for {seconds:.1f} s where the secrets lag")
    assert seconds < CACHES_SECONDS + 2


def works_for(line: Line) -> float:
    """For how many seconds a line still takes texts; each from somebody else."""
    began = time.monotonic()
    assert until(lambda: line.post(line.form()).status_code == 401, within_seconds=5 * CACHES_SECONDS)
    return time.monotonic() - began
