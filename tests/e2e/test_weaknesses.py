"""What AWS may do at its worst, by its own documents: nothing is lost, nothing comes twice, nothing wrong is said.

The harmless weaknesses are on in all end-to-end tests; these switch on the others (decision 0043).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from devstack.arrivals import Arrivals
from devstack.aws import LocalAws
from devstack.backend import CannedAnswer, in_turn, parrot
from devstack.state import WEAKNESSES, StackState
from devstack.weaknesses.switches import Switches, Weaknesses
from operations.stage.names import QUEUES, REGIONS, part_name
from tests.e2e.lines import Lines
from tests.e2e.operators import done, sms
from tests.e2e.talks import Talk, Talks
from tests.e2e.waiting import until

DOWN = CannedAnswer(status=503)
THROTTLED_SECONDS = 20
"""Two visibility timeouts of the inbound queue here, and a little more."""
AWAY_SECONDS = 180
"""An hour: waits are about twenty times shorter here than in production (`devstack.deployment.SHORT`)."""


@pytest.fixture
def switches() -> Switches:
    return Switches(WEAKNESSES)


def test_deliveries_that_were_throttled_leave_a_text_at_least_four_of_its_tries(
    talks: Talks, switches: Switches
) -> None:
    """As docs/guarantees.md says. Were receives counted, the agent would be asked three times."""
    talk = talks.begin("east", in_turn(DOWN, DOWN, DOWN, parrot))
    talks.rest("east")

    with switches.on(Weaknesses(throttled=(part_name("east", "forwarder"),))):
        talk.person.text("patience")
        assert talk.person.sees(1, within_seconds=THROTTLED_SECONDS) == []
        assert talk.person.heard() == []

    assert talk.person.sees(1, within_seconds=40) == ["You said: patience"]
    assert len(talk.person.heard()) == 4


@pytest.mark.parametrize("queue", QUEUES)
def test_what_can_be_neither_deleted_nor_postponed_any_more_is_done_once(
    talks: Talks, switches: Switches, queue: str
) -> None:
    talk = talks.begin("east", in_turn(DOWN, parrot))
    talks.rest("east")

    with switches.on(Weaknesses(expired=(part_name("east", f"{queue}.fifo"),))):
        sid = talk.person.text("once")
        assert talk.person.sees(1, within_seconds=40) == ["You said: once"]
        assert not talk.queues.settle(within_seconds=12), "so it comes again although it is done"

    assert talk.queues.settle()
    assert talk.person.sees(2, within_seconds=1) == ["You said: once"]
    assert [request.webhook_id for request in talk.person.heard()] == [sid, sid]


@pytest.mark.timeout(600)
def test_a_dynamodb_that_is_away_for_an_hour_costs_neither_a_text_nor_the_order(
    talks: Talks, switches: Switches, aws: LocalAws, lines: Lines
) -> None:
    talk = talks.begin("south")
    other = replace(talk, person=talks.person(talk.line))
    bodies = ["first", "second", "third"]
    talks.rest("south")

    with switches.on(Weaknesses(throttled=(part_name("south", "forwarder"),))):
        for body in bodies:
            for each in (talk, other):
                each.person.text(body)
        with switches.on(Weaknesses(away=("dynamodb",))):
            assert talk.person.sees(1, within_seconds=AWAY_SECONDS) == []

    expected = [f"You said: {body}" for body in bodies]
    for each in (talk, other):
        assert each.person.sees(3, within_seconds=60) == expected
    assert talk.queues.settle()
    assert [talk.person.sees(4, within_seconds=1), other.person.sees(4, within_seconds=1)] == [expected] * 2
    assert crashed(talk, aws) == 0
    assert list(lines.parking(talk.line).parked(talk.line.tenant)) == []


def crashed(talk: Talk, aws: LocalAws) -> int:
    """How many messages are in the stage's dead-letter queues."""
    sqs = aws.sqs(REGIONS[talk.line.stage])
    urls = [talk.queues.stage.queues[f"{queue}_crashed"] for queue in QUEUES]
    answers = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]) for url in urls]
    return sum(int(answer["Attributes"]["ApproximateNumberOfMessages"]) for answer in answers)


def test_where_the_logs_are_minutes_late_the_command_says_what_is_stored_and_that_it_does_not_know_the_rest(
    talks: Talks, switches: Switches
) -> None:
    talk = talks.begin("east")
    here = ("--tenant", talk.line.tenant, "--stage", "east")
    answered = talk.person.text("where am I?")
    assert talk.person.sees(1) == ["You said: where am I?"]
    forged = talk.line.form()
    refused = forged["MessageSid"]
    assert talk.line.post(forged, signature="Zm9yZ2Vk").status_code == 403
    talks.rest("east")

    with switches.on(Weaknesses(log_seconds=600)):
        [stored] = done("trace", answered, *here)
        unknown = sms("trace", refused, *here)
        examined = sms("doctor", *here)

    assert (stored["state"], stored["hops"]) == ("arrived", [])
    assert unknown.returncode == 1
    assert "Log lines can be minutes late: ask again" in unknown.stderr
    assert examined.returncode == 0, examined.stdout
    [arrival] = [finding for finding in json.loads(examined.stdout) if finding["check"] == "arrival"]
    assert arrival["verdict"] == "warning"
    assert "CloudWatch can be minutes late" in arrival["do"]
    assert until(lambda: sms("trace", refused, *here).returncode == 0, within_seconds=30)
    assert done("trace", answered, *here)[0]["hops"]


@contextmanager
def domain(present: StackState, aws: LocalAws, stage: str) -> Iterator[str]:
    """The base URL of a stage on a domain of its own, until the block ends."""
    name = f"sms-{stage}.example.test"
    gateway = aws.apigateway(REGIONS[stage])
    gateway.create_domain_name(
        domainName=name, regionalCertificateArn="arn:aws:acm:us-east-1:000000000000:certificate/1"
    )
    gateway.create_base_path_mapping(domainName=name, restApiId=present.stages[stage].api_id, stage=stage)
    try:
        yield f"https://{name}"
    finally:
        gateway.delete_base_path_mapping(domainName=name, basePath="(none)")
        gateway.delete_domain_name(domainName=name)


def test_a_text_is_accepted_by_the_url_of_a_domain_that_the_stage_was_not_deployed_with(
    present: StackState, aws: LocalAws, lines: Lines, arrivals: Arrivals, stage: str
) -> None:
    """Its path has no stage, and API Gateway names the host that was called, so the signed URL is known."""
    line = lines.open(stage)
    with domain(present, aws, stage) as base_url:
        called = replace(line, base_url=base_url)
        form = called.form()
        assert called.post(form).status_code == 200
        assert called.post(called.form(), signature="Zm9yZ2Vk").status_code == 403
    assert arrivals.arrived(stage, form["MessageSid"])
