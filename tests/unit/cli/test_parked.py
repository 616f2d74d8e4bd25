"""What an operator sees of parked events, and does with them."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.errors import Unavailable
from shared.messages.outbound import Parked
from tests import fakes
from tests.fakes import NOW, OUR_NUMBER, PERSON
from tests.unit.cli.command import Command

TEXT = Parked(
    tenant="acme",
    id="SM1",
    queue="inbound",
    group="acme.c1",
    reason="no_agent",
    detail="no agent holds the number",
    number=OUR_NUMBER,
    parked_at=NOW - timedelta(days=2),
    event={
        "id": "SM1",
        "data": {"from": PERSON, "to": OUR_NUMBER, "text": "my secret wish", "fields": {"Body": ["my secret wish"]}},
    },
)
REPLY = replace(
    TEXT,
    id="SM9-1",
    queue="outbound",
    reason="provider_refused",
    parked_at=NOW - timedelta(hours=1),
    event={"id": "SM9-1", "replay": 2, "data": {"text": "our secret answer"}},
)
THEIRS = replace(TEXT, tenant="other", id="SM3")


def command(*parked: Parked) -> Command:
    made = Command.on(fakes.managed_tenant())
    for one in parked or (REPLY, TEXT, THEIRS):
        made.parking.park(one)
    return made


def left(command: Command) -> list[str]:
    return [event_id for _, event_id in command.parking.kept]


def test_shows_what_twilios_error_means_and_what_to_do() -> None:
    run = command(replace(REPLY, reason="provider_refused", error_code=30034), TEXT)
    shown = run.json("parked", "show", "SM9-1")
    assert shown["error_code"] == 30034
    assert "A2P 10DLC" in shown["error"]
    assert (run.json("parked", "show", "SM1")["error_code"], run.json("parked", "show", "SM1")["error"]) == (None, None)


class TestList:
    def test_lists_the_tenants_own_the_oldest_first_as_data(self) -> None:
        assert command().json("parked", "list") == [
            {
                "id": "SM1",
                "queue": "inbound",
                "reason": "no_agent",
                "number": OUR_NUMBER,
                "parked_at": "2026-11-21T12:00:00+00:00",
                "detail": "no agent holds the number",
            },
            {
                "id": "SM9-1",
                "queue": "outbound",
                "reason": "provider_refused",
                "number": OUR_NUMBER,
                "parked_at": "2026-11-23T11:00:00+00:00",
                "detail": "no agent holds the number",
            },
        ]

    def test_shows_people_the_age_and_the_number_masked(self) -> None:
        shown = command(TEXT).run("parked", "list").stdout.split()
        assert {"…0199", "2d"} <= {*shown}

    def test_completes_what_the_detail_says_to_type(self) -> None:
        made = command(replace(TEXT, detail="give it to an agent with: sms number assign"))
        [listed] = made.json("parked", "list", "--local")
        assert listed["detail"].endswith("./sms --local --tenant acme number assign")

    def test_shows_people_whole_numbers_only_when_told(self) -> None:
        assert OUR_NUMBER not in command().run("parked", "list").output
        assert command().run("parked", "list", "--full").stdout.count(OUR_NUMBER) == 2

    @pytest.mark.parametrize(
        ("options", "ids"),
        [
            (["--reason", "provider_refused"], ["SM9-1"]),
            (["--queue", "inbound"], ["SM1"]),
            (["--older-than", "1d"], ["SM1"]),
            (["--newer-than", "1d"], ["SM9-1"]),
            (["--newer-than", "3d", "--older-than", "2h"], ["SM1"]),
            (["--number", "(202) 555-0199"], ["SM1", "SM9-1"]),
            (["--number", "+12025550188"], []),
            (["--number", "55555"], []),
        ],
        ids=" ".join,
    )
    def test_shows_only_what_all_filters_fit(self, options: list[str], ids: list[str]) -> None:
        assert [one["id"] for one in command().json("parked", "list", *options)] == ids

    @pytest.mark.parametrize(
        ("options", "why"),
        [
            (["--older-than", "yesterday"], "a number and a unit"),
            (["--newer-than", "5"], "a number and a unit"),
            (["--queue", "outbond"], "choose one of inbound, outbound"),
            (["--reason", "nopee"], "nothing is ever parked for 'nopee'; choose one of"),
            (["--reason", "invalid_key"], "nothing is ever parked for 'invalid_key'"),
            (["--reason", "NO_AGENT"], "no_agent"),
        ],
    )
    def test_declines_a_filter_that_makes_no_sense(self, options: list[str], why: str) -> None:
        assert why in command().declined("parked", "list", *options)

    def test_says_so_when_there_is_nothing(self) -> None:
        result = command(THEIRS).run("parked", "list")
        assert (result.stdout, result.exit_code) == ("", 0)
        assert "Nothing of this kind is parked." in result.stderr

    def test_ends_with_how_many_crashed(self) -> None:
        made = command()
        assert "crashed" not in made.run("parked", "list").stderr
        made.dead["outbound"] = 3
        assert "About 3 messages of the outbound queue" in made.run("parked", "list").stderr


class TestShow:
    def test_shows_everything_but_what_was_written(self) -> None:
        result = command().run("parked", "show", "SM1")
        for shown in ("SM1", "no_agent", OUR_NUMBER, PERSON, "acme.c1", "2026-11-21T12:00:00+00:00"):
            assert shown in result.stdout
        assert "secret wish" not in result.output

    def test_shows_what_was_written_when_told(self) -> None:
        assert "my secret wish" in command().run("parked", "show", "SM1", "--text").stdout

    def test_gives_the_event_as_json(self) -> None:
        shown = command().json("parked", "show", "SM9-1", "--text")
        assert shown["event"] == REPLY.event
        assert shown["replays"] == 2
        hidden = command().json("parked", "show", "SM1")["event"]["data"]
        assert (hidden["to"], hidden["text"], hidden["fields"]) == (OUR_NUMBER, *["(shown with --text)"] * 2)

    @pytest.mark.parametrize("event_id", ["SM2", "SM3", ""])
    def test_declines_what_is_not_parked_for_this_tenant(self, event_id: str) -> None:
        assert "./sms --tenant acme parked list" in command().declined("parked", "show", event_id)


class TestReplay:
    def test_sends_each_to_its_queue_and_forgets_it(self) -> None:
        made = command()
        result = made.run("parked", "replay", "--all", "--json", "--yes")
        assert json.loads(result.stdout) == {"replayed": 2, "gone_meanwhile": 0}
        assert "This changes tenant 'acme' in AWS account" in result.stderr
        [text], [reply] = made.queues["inbound"].sent, made.queues["outbound"].sent
        assert (text.deduplication, text.group, text.event["replay"]) == ("SM1.1", "acme.c1", 1)
        assert (reply.deduplication, reply.event["replay"]) == ("SM9-1.3", 3)
        assert left(made) == ["SM3"]

    @pytest.mark.parametrize("options", [["SM1"], ["--reason", "no_agent"], ["--older-than", "1d"]], ids=" ".join)
    def test_replays_only_what_is_meant(self, options: list[str]) -> None:
        made = command()
        assert made.json("parked", "replay", *options)["replayed"] == 1
        assert left(made) == ["SM9-1", "SM3"]

    def test_a_dry_run_shows_what_is_meant_and_changes_nothing(self) -> None:
        made = command()
        result = made.run("parked", "replay", "--reason", "no_agent", "--dry-run")
        assert "SM1" in result.stdout
        assert "SM9-1" not in result.stdout
        assert "This changes" not in result.stderr
        assert made.queues["inbound"].sent == []
        assert left(made) == ["SM9-1", "SM1", "SM3"]

    def test_says_how_far_it_came_when_it_fails(self) -> None:
        made = command()
        made.queues["outbound"].failing = Unavailable("the message could not be queued")
        result = made.run("parked", "replay", "--all", "--yes")
        assert result.exit_code == 1
        assert "1 of 2 were replayed; the others are still parked." in result.stderr
        assert "the message could not be queued" in result.stderr
        assert left(made) == ["SM9-1", "SM3"]

    def test_shows_no_bar_without_a_terminal(self) -> None:
        assert "Replaying" not in command().run("parked", "replay", "--all", "--yes").output

    def test_asks_before_it_replays_everything(self) -> None:
        made = command()
        made.terminal = True
        asked = made.run("parked", "replay", "--all", typed="n\n").stderr
        assert "Replay everything that is chosen (2)? The oldest was parked 2d ago." in asked
        assert left(made) == ["SM9-1", "SM1", "SM3"]
        made.run("parked", "replay", "--all", typed="y\n")
        assert left(made) == ["SM3"]

    def test_needs_yes_to_replay_everything_without_a_terminal(self) -> None:
        made = command()
        assert "--yes" in made.declined("parked", "replay", "--all")
        assert left(made) == ["SM9-1", "SM1", "SM3"]


class TestDiscard:
    def test_asks_before_it_forgets(self) -> None:
        made = command()
        made.terminal = True
        assert "Discard what is parked, for good (1)?" in made.run("parked", "discard", "SM1", typed="n\n").stderr
        assert left(made) == ["SM9-1", "SM1", "SM3"]
        made.run("parked", "discard", "SM1", typed="y\n")
        assert left(made) == ["SM9-1", "SM3"]

    def test_needs_yes_without_a_terminal(self) -> None:
        made = command()
        assert "--yes" in made.declined("parked", "discard", "--all")
        assert made.json("parked", "discard", "--all", "--yes") == {"discarded": 2}
        assert left(made) == ["SM3"]

    def test_a_dry_run_changes_nothing(self) -> None:
        made = command()
        assert len(made.json("parked", "discard", "--all", "--dry-run", "--yes")) == 2
        assert left(made) == ["SM9-1", "SM1", "SM3"]


@pytest.mark.parametrize("verb", ["replay", "discard"])
class TestChoosing:
    def test_does_nothing_when_it_is_not_said_what_is_meant(self, verb: str) -> None:
        made = command()
        assert made.run("parked", verb, "--yes").exit_code == 2
        assert left(made) == ["SM9-1", "SM1", "SM3"]

    @pytest.mark.parametrize(
        "options", [["SM1", "SM2"], ["SM3"], ["SM1", "--reason", "provider_refused"]], ids=" ".join
    )
    def test_does_nothing_when_one_of_the_ids_is_not_there(self, verb: str, options: list[str]) -> None:
        made = command()
        assert "not parked" in made.declined("parked", verb, *options, "--yes")
        assert left(made) == ["SM9-1", "SM1", "SM3"]

    def test_declines_a_reason_that_there_is_not(self, verb: str) -> None:
        made = command()
        assert "choose one of" in made.declined("parked", verb, "--reason", "nopee", "--yes")
        assert left(made) == ["SM9-1", "SM1", "SM3"]

    def test_does_nothing_and_says_so_when_nothing_fits(self, verb: str) -> None:
        made = command()
        result = made.run("parked", verb, "--reason", "no_backend", "--json")
        assert 0 in json.loads(result.stdout).values()
        assert "Nothing of this kind is parked." in result.stderr
        assert left(made) == ["SM9-1", "SM1", "SM3"]


def test_lets_what_crashed_come_back() -> None:
    made = command()
    made.dead = {"inbound": 2, "outbound": 0}
    result = made.run("parked", "redrive", "--json")
    assert json.loads(result.stdout) == {"inbound": 2, "outbound": 0}
    assert "This changes" in result.stderr
    assert made.dead == {"inbound": 0, "outbound": 0}
