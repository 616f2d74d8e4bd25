"""The functions and the operators have the rights that they need, and no others.

That none is missing is tried with every test: the fixture `nothing_is_denied` in conftest.py.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from devstack.aws import LocalAws
from devstack.decisions import Decision
from devstack.rights import rights, unused
from devstack.state import StackState
from devstack.users import OPERATOR, POLICIES
from operations.stage.names import FUNCTIONS, REGIONS, part_name
from tests.e2e.lines import Lines
from tests.e2e.rights_log import RightsLog
from tests.e2e.unused_rights import REASONS


def policies_of_role(aws: LocalAws, region: str, function: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The role, the name and the document of each policy with which a deployed function runs."""
    configuration = aws.lambdas(region).get_function_configuration(FunctionName=function)
    iam, role = aws.iam(), configuration["Role"].rpartition("/")[2]
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield role, name, iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]


def test_a_right_that_is_missing_fails_the_test_that_needs_it(
    aws: LocalAws, lines: Lines, rights_log: RightsLog
) -> None:
    line, name = lines.open("east"), part_name("east", "receiver")
    [(role, policy, document)] = policies_of_role(aws, REGIONS["east"], name)
    without = [statement for statement in document["Statement"] if statement["Action"] != "sqs:SendMessage"]
    assert len(without) == len(document["Statement"]) - 1
    put = aws.iam().put_role_policy
    put(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps({**document, "Statement": without}))
    try:
        assert line.post(line.form()).status_code == 503
    finally:
        put(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))
    queue = f"arn:aws:sqs:{REGIONS['east']}:000000000000:sms-receiver-east-inbound.fifo"
    assert rights_log.denied() == [Decision(name, "sqs:SendMessage", queue, allowed=False)]
    assert line.post(line.form()).status_code == 200


@pytest.mark.whole_run
def test_each_right_is_used_in_a_whole_run_or_there_is_a_reason_to_keep_it(
    aws: LocalAws, present: StackState, rights_log: RightsLog, report: Callable[[str], None]
) -> None:
    """Runs last, after all that the other tests made the functions and the operators do."""
    rights_log.denied()
    calls = {call for call in rights_log.everything() if call.caller == OPERATOR}
    every = set(rights(OPERATOR, json.loads(POLICIES[OPERATOR].read_text(encoding="utf-8"))))
    for stage, deployed in present.stages.items():
        neutral = partial(_neutral, stage, deployed.region)
        calls.update(
            replace(call, caller=neutral(call.caller), resource=neutral(call.resource))
            for call in rights_log.everything()
            if call.caller.startswith(part_name(stage, ""))
        )
        for function in FUNCTIONS:
            for _, _, document in policies_of_role(aws, deployed.region, part_name(stage, function)):
                every.update(
                    replace(right, resource=neutral(right.resource))
                    for right in rights(neutral(part_name(stage, function)), document)
                )
    without_use = unused(every, calls)
    report(f"IAM decided {rights_log.calls} calls, by {len(every)} rights, of which {len(without_use)} were not used.")

    reasons = {right: [reason for reason in REASONS if reason.applies(right)] for right in sorted(without_use)}
    assert not [right for right, of_right in reasons.items() if not of_right], "not used, and no reason to keep it"
    always = {reason for reason in REASONS if not reason.in_some_runs}
    assert not always.difference(*reasons.values()), "a reason to keep what is used, or what is not there"


def _neutral(stage: str, region: str, text: str) -> str:
    """A name or an ARN alike for all stages, with `OWN` for the stage's own region."""
    return text.replace(part_name(stage, ""), part_name("STAGE", "")).replace(f":{region}:", ":OWN:")
