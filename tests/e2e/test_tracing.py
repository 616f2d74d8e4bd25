"""Where is my text: each hop from the logs, found by its id and by the person, and how many bytes it costs to know."""

import json
from collections.abc import Iterator

import pytest

from devstack.aws import LocalAws
from devstack.state import ROOT
from operations.stage.names import FUNCTIONS, REGIONS
from tests.e2e.operators import done
from tests.e2e.talks import Talks
from tests.e2e.waiting import until

MEASURED = json.loads((ROOT / "docs" / "measured.json").read_text(encoding="utf-8"))
LOG_BYTES_MAX = 1600
"""Of all functions together, for a text that gets one message as its answer."""

WAY = [("receiver", "Accepted"), ("forwarder", "Answered"), ("sender", "Sent"), ("statuses", "Delivered")]


def test_every_hop_of_a_text_is_found_in_order_and_costs_few_bytes(talks: Talks, aws: LocalAws) -> None:
    talk = talks.begin("east")
    here = ("--stage", "east", "--tenant", talk.line.tenant)

    def way(sid: str) -> list[tuple[str, str]]:
        [found] = done("trace", sid, *here)
        return [(hop["function"], hop["outcome"]) for hop in found["hops"]]

    first = talk.person.text("the first one starts the functions")
    assert len(talk.person.sees(1)) == 1
    # A text that comes while the receiver takes a status starts another environment, whose first line is longer.
    assert until(lambda: way(first) == WAY, within_seconds=30), way(first)
    sid = talk.person.text("where is it?")
    shown = talks.phones.wait(
        talk.person.address, lambda screen: [one["status"] for one in screen if one["by"] == "api"] == ["delivered"] * 2
    )

    assert until(lambda: way(sid) == WAY, within_seconds=30), way(sid)
    [by_id] = done("trace", sid, *here)
    assert (by_id["state"], by_id["verdict"]) == ("arrived", "It was answered, and the answer arrived.")
    assert (by_id["hops"][2]["message_id"], by_id["hops"][2]["EndToEndMs"] > 0) == (shown[-1]["message_sid"], True)
    at_provider = shown[-1]["message_sid"]
    assert until(lambda: done("trace", at_provider, *here)[0]["hops"] == by_id["hops"], within_seconds=30)
    assert until(lambda: done("trace", talk.person.address, *here)[-1] == by_id, within_seconds=30)
    lines = {function: list(_lines(aws, function, sid)) for function in FUNCTIONS}
    bytes_of = {function: sum(len(line.encode()) for line in written) for function, written in lines.items()}
    assert sum(bytes_of.values()) < LOG_BYTES_MAX
    for function, measured in MEASURED["log_bytes_per_answered_text"].items():
        assert bytes_of[function] == pytest.approx(measured, rel=0.1), f"measure {function} again: docs/measured.json"
        assert len(lines[function]) == MEASURED["log_lines_per_answered_text"][function]


def _lines(aws: LocalAws, function: str, containing: str) -> Iterator[str]:
    group = f"/aws/lambda/sms-receiver-east-{function}"
    found = aws.logs(REGIONS["east"]).filter_log_events(logGroupName=group, filterPattern=f'"{containing}"')
    yield from (event["message"].strip() for event in found["events"])
