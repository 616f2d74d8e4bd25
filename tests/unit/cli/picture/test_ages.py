import json
from datetime import UTC, datetime, timedelta

from cli.picture import ages

BEGIN = datetime(2026, 11, 25, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def line(event: str, seconds: float, text: str = "SM1", **more: str) -> str:
    time = at(seconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"message": event, "timestamp": time, "correlation_id": text, **more})


def test_the_oldest_counts_and_nothing_is_no_age() -> None:
    stays = [(at(1), at(4)), (at(2), at(3))]
    found = ages.of_oldest("a queue", stays, begin=BEGIN, end=at(5))
    assert [point.value for point in found] == [0, 0, 1, 2, 0, 0]


def test_a_text_stays_until_the_forwarder_is_done_with_it_and_a_reply_until_the_sender_is() -> None:
    lines = [
        line("Sent", 9, reply="2"),
        line("Accepted", 1),
        line("Postponed", 2),
        line("Answered", 5),
        line("Sent", 6, reply="1"),
        line("Accepted", 1, "SM2"),
        line("Parked", 3, "SM2"),
        line("Submitted", 4, "answer"),
        line("NotSent", 7, "answer", reply="1"),
    ]
    texts, replies = ages.stays(lines)
    assert sorted(texts) == [(at(1), at(3)), (at(1), at(5))]
    assert sorted(replies) == [(at(4), at(7)), (at(5), at(6)), (at(5), at(9))]


def test_lines_of_others_and_of_what_began_before_are_left_out() -> None:
    lines = ["START", "[1]", '{"message": "Accepted"}', line("Answered", 1, "SM9"), line("Delivered", 2, reply="1")]
    assert ages.stays(lines) == ([], [])
