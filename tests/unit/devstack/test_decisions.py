import json
from pathlib import Path

from devstack.decisions import Decision, DecisionLog

ROLE = "arn:aws:sts::000000000000:assumed-role/sms-receiver-east-ReceiverRole-1/sms-receiver-east-receiver"
USER = "arn:aws:iam::000000000000:user/sms-receiver-operator"


def line(principal: str, *, allowed: bool) -> str:
    return json.dumps({"principal": principal, "action": "sqs:SendMessage", "resource": "q", "allowed": allowed}) + "\n"


def write(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_each_decision_is_taken_once_and_only_when_it_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "decisions"
    write(path, line(USER, allowed=True))
    log = DecisionLog(path)
    assert log.take() == []
    denial = line(ROLE, allowed=False)
    write(path, line(USER, allowed=True) + denial[:20])
    assert log.take() == [Decision("sms-receiver-operator", "sqs:SendMessage", "q", allowed=True)]
    write(path, denial[20:])
    assert log.take() == [Decision("sms-receiver-east-receiver", "sqs:SendMessage", "q", allowed=False)]
    assert log.take() == []
