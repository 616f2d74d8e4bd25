"""`sms events`: switching an agent's journal on and off, looking at it and trying it."""

import json

import pytest

from shared.errors import Unavailable
from shared.tenants.agent import JournalSettings
from tests import fakes
from tests.fakes import OUR_NUMBER, PERSON
from tests.journal_entries import TARGET, entries
from tests.unit.cli.command import Command

TOPIC = TARGET.replace(":sqs:", ":sns:")
ON = ("events", "on", "desk", "--to", TARGET)


def command(allowed: str = f"arn:aws:sqs:us-east-1:111122223333:other,{TARGET},{TOPIC}") -> Command:
    made = Command.on(fakes.managed_tenant())
    made.stacks = {stage: {"JournalTargets": allowed} for stage in made.stacks}
    return made


def journal(made: Command) -> JournalSettings | None:
    [agent] = made.store.stored().agents
    return agent.journal


@pytest.mark.parametrize("target", [TARGET, TOPIC, f"{TARGET}.fifo"])
def test_switches_it_on_without_texts_and_off_again(target: str) -> None:
    made = command(target)
    shown = made.json("events", "on", "desk", "--to", target)
    assert shown == {"agent": "desk", "events": "redacted", "target": target}
    assert journal(made) == JournalSettings(target)
    assert made.json("events", "show") == [shown]
    assert made.json("events", "off", "desk") == {"agent": "desk", "events": "off", "target": None}
    assert journal(made) is None


def test_texts_leave_only_when_somebody_says_so_twice() -> None:
    made = command()
    assert made.run(*ON, "--with-text").exit_code != 0
    assert journal(made) is None
    made.terminal = True
    assert made.run(*ON, "--with-text", typed="n\n").exit_code != 0
    assert journal(made) is None
    result = made.run(*ON, "--with-text", "--yes")
    assert "texts, links and whole addresses of persons leave" in " ".join(result.stderr.split())
    assert journal(made) == JournalSettings(TARGET, with_text=True)
    assert made.json("events", "show")[0]["events"] == "with text"


def test_without_with_text_texts_do_not_leave_any_more() -> None:
    made = command()
    made.run(*ON, "--with-text", "--yes")
    made.json(*ON)
    assert journal(made) == JournalSettings(TARGET)


@pytest.mark.parametrize("allowed", ["none", "arn:aws:sqs:us-east-1:111122223333:other"])
@pytest.mark.parametrize(("target", "kind"), [(TARGET, "queue"), (TOPIC, "topic")])
def test_declines_a_target_that_the_deployment_does_not_allow(allowed: str, target: str, kind: str) -> None:
    made = command(allowed)
    sentence = made.declined("events", "on", "desk", "--to", target)
    wanted = target if allowed == "none" else f"{allowed},{target}"
    assert f"stage east may not use this {kind}; allow it first, with: " in sentence
    assert f"SMS_RECEIVER_JOURNAL_TARGETS={wanted} make deploy STAGE=east" in sentence
    assert journal(made) is None


@pytest.mark.parametrize(
    "target",
    ["", "desk", "https://sqs.us-east-1.amazonaws.com/1/x", "arn:aws:lex:us-east-1:111122223333:x", f"{TARGET}/y", "*"],
)
def test_declines_what_is_no_arn_of_a_queue_or_a_topic(target: str) -> None:
    made = command(target)
    assert "the ARN of an SQS queue or an SNS topic" in made.declined("events", "on", "desk", "--to", target)


def test_declines_an_agent_that_does_not_exist() -> None:
    for verb in (("on", "nobody", "--to", TARGET), ("off", "nobody"), ("test", "nobody")):
        assert "has no agent 'nobody'" in command().declined("events", *verb)


def test_a_test_tells_nothing_and_goes_the_way_of_all_entries() -> None:
    made = command()
    made.run(*ON, "--with-text", "--yes")
    shown = made.json("events", "test", "desk")
    [entry] = entries(made.journal)
    assert shown == {"id": entry["id"], "target": TARGET}
    assert (entry["data"]["event"], entry["tenant"], entry["data"]["agent"]) == ("test", "acme", "desk")
    assert not [word for word in (PERSON, OUR_NUMBER) if word in json.dumps(entry)]


def test_a_test_without_a_journal_says_how_to_switch_it_on() -> None:
    assert "agent 'desk' has no journal; see: " in command().declined("events", "test", "desk")


def test_a_queue_that_is_away_is_a_sentence() -> None:
    made = command()
    made.json(*ON)
    made.journal.failing = Unavailable("the message could not be queued: AWS answered AccessDenied")
    assert "AccessDenied" in made.declined("events", "test", "desk")
