"""The rights that a whole run of the end-to-end tests does not use, and why they are kept all the same."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from devstack.rights import Right
from devstack.users import OPERATOR
from operations.stage.names import HOME_STAGE, REGIONS, part_name


@dataclass(frozen=True)
class Reason:
    """Why rights are kept.

    Attributes:
        holder: a pattern of fnmatch, as is `resource`.
        in_some_runs: whether it depends on what happens when, and so some runs use all of the rights.
    """

    holder: str
    actions: tuple[str, ...]
    resource: str
    reason: str
    in_some_runs: bool = False

    def applies(self, right: Right) -> bool:
        """Whether this is the reason for a right."""
        return (
            fnmatchcase(right.holder, self.holder)
            and right.action in self.actions
            and fnmatchcase(right.resource, self.resource)
        )


_ANY = part_name("STAGE", "*")
_READ_SECRET = ("secretsmanager:GetSecretValue",)

# The rights of functions are alike for all stages here: STAGE is the stage, OWN its region; another is the home region.
REASONS = (
    Reason(_ANY, ("xray:PutTraceSegments", "xray:PutTelemetryRecords"), "*", "the local AWS traces nothing"),
    Reason(
        _ANY,
        ("logs:CreateLogStream", "logs:PutLogEvents"),
        "arn:aws:logs:OWN:*:log-group:/aws/lambda/sms-receiver-STAGE-*",
        "Lambda writes the logs, with the function's role; the local one asks no IAM for it",
    ),
    Reason(
        _ANY,
        ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
        "arn:aws:sqs:OWN:*:sms-receiver-STAGE-*bound.fifo",
        "Lambda polls the queue, with the function's role; the local one asks no IAM for it",
    ),
    Reason(
        part_name("STAGE", "forwarder"),
        ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
        "arn:aws:sqs:OWN:*:sms-receiver-STAGE-reminders",
        "Lambda polls this queue, too",
    ),
    Reason(
        part_name("STAGE", "forwarder"),
        ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
        "arn:aws:sqs:OWN:*:sms-receiver-STAGE-journal",
        "and this one",
    ),
    Reason(
        part_name("STAGE", "forwarder"),
        ("sqs:ChangeMessageVisibility",),
        "arn:aws:sqs:OWN:*:sms-receiver-STAGE-reminders",
        "a reminder of more than 15 minutes is put off, and no test waits so long",
        in_some_runs=True,
    ),
    Reason(
        _ANY,
        _READ_SECRET,
        "*:secret:sms-receiver/[*]/[as]*[a-z]",
        "for a secret that does not exist, so that AWS answers that and no AccessDenied (infra/directory.js)",
    ),
    Reason(
        _ANY,
        _READ_SECRET,
        f"*:{REGIONS[HOME_STAGE]}:*:secret:sms-receiver/[*]/*-[?][?][?][?][?][?]",
        "what the own copy lacks is read at home, but the local AWS copies secrets at once",
        in_some_runs=True,
    ),
    Reason(
        _ANY,
        ("dynamodb:GetItem",),
        f"arn:aws:dynamodb:{REGIONS[HOME_STAGE]}:*:table/sms-receiver-directory",
        "what the own copy lacks is read at home, but the local AWS copies items at once",
        in_some_runs=True,
    ),
    Reason(
        part_name("STAGE", "api"),
        ("dynamodb:DeleteItem",),
        "*:table/sms-receiver-STAGE-claims",
        "gives a claim back when the queue cannot be reached",
    ),
    Reason(
        part_name("STAGE", "sender"),
        ("dynamodb:Query",),
        "*/index/message_id-index",
        "looks up what an answer that was lost may have sent",
    ),
    Reason(OPERATOR, ("sts:GetCallerIdentity",), "*", "AWS lets everybody, and the local one asks no policy"),
    Reason(OPERATOR, ("lambda:GetAccountSettings",), "*", "the doctor asks; the local AWS asks no IAM for it"),
    Reason(
        OPERATOR,
        ("cloudwatch:GetMetricStatistics",),
        "*",
        "the doctor asks how old the oldest message is, only while messages wait",
        in_some_runs=True,
    ),
    Reason(
        OPERATOR,
        ("cloudwatch:GetMetricData",),
        "*",
        "the page asks for figures; the local CloudWatch makes none of log lines, so there they are read from those",
    ),
    Reason(
        OPERATOR,
        ("sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage"),
        "*-crashed.fifo",
        'what crashed is brought back (AWS docs, "Configuring a dead-letter queue redrive"); the local SQS cannot',
    ),
    Reason(
        OPERATOR,
        ("secretsmanager:RemoveRegionsFromReplication",),
        "*",
        "before a tenant is deleted; the local AWS has no such call",
    ),
    Reason(OPERATOR, ("secretsmanager:RestoreSecret",), "*", "a tenant that was deleted is restored"),
)
