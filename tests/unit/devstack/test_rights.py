from devstack.decisions import Decision
from devstack.rights import Right, rights, unused

QUEUE = "arn:aws:sqs:us-east-1:000000000000:inbound.fifo"
SECRETS = "arn:aws:secretsmanager:us-east-1:000000000000:secret:sms-receiver/*/access-??????"
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:sms-receiver/acme/access-a[B]c1"
READ = Right("receiver", "secretsmanager:GetSecretValue", SECRETS)


def decision(action: str, resource: str, *, caller: str = "receiver", allowed: bool = True) -> Decision:
    return Decision(caller, action, resource, allowed=allowed)


def test_a_policy_gives_each_of_its_actions_on_each_of_its_resources() -> None:
    document = {
        "Statement": [
            {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"], "Resource": ["a", "b"]},
            {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},
        ]
    }
    assert sorted(rights("receiver", document)) == [
        Right("receiver", "s3:Get*", "*"),
        Right("receiver", "sqs:ReceiveMessage", "a"),
        Right("receiver", "sqs:ReceiveMessage", "b"),
        Right("receiver", "sqs:SendMessage", "a"),
        Right("receiver", "sqs:SendMessage", "b"),
    ]


def test_a_right_is_used_by_its_holder_s_call_that_was_allowed() -> None:
    right = Right("receiver", "sqs:SendMessage", QUEUE)
    assert not unused([right], [decision("sqs:SendMessage", QUEUE)])
    for call in (
        decision("sqs:SendMessage", QUEUE, caller="sender"),
        decision("sqs:SendMessage", QUEUE, allowed=False),
        decision("sqs:SendMessage", QUEUE + "x"),
        decision("sqs:DeleteMessage", QUEUE),
    ):
        assert unused([right], [call]) == {right}


def test_wildcards_are_those_of_iam_and_only_those() -> None:
    assert not unused([READ], [decision("secretsmanager:GetSecretValue", SECRET)])
    bare = decision("secretsmanager:GetSecretValue", SECRET.removesuffix("-a[B]c1"))
    assert unused([READ], [bare]) == {READ}
    brackets = Right("receiver", "sqs:SendMessage", "[ab]")
    assert unused([brackets], [decision("sqs:SendMessage", "a")]) == {brackets}
    assert not unused([Right("receiver", "s3:get*", "*")], [decision("s3:GetObject", "bucket/object")])
