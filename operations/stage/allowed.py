"""What the stages may use that operators name: queues, bots and topics, as the deployment listed them."""

from fnmatch import fnmatchcase

from operations.operator import Operator
from operations.stage.names import STAGES
from shared.errors import CommandDeclined


def require_allowed(operator: Operator, arn: str, *, what: str, output: str, variable: str) -> None:
    """Returns when every deployed stage may use what has this ARN.

    The operator hears how to allow it on a stage that is not deployed.

    Args:
        operator: who asks.
        arn: what is to be used.
        what: what it is, for the sentence.
        output: the stack's output that lists what the stage may use.
        variable: what sets it when the stage is deployed.

    Raises CommandDeclined, Unavailable.
    """
    for stage in STAGES:
        outputs = operator.target.outputs(stage)
        patterns = [] if outputs is None else outputs.get(output, "none").split(",")
        allowed = [pattern for pattern in patterns if pattern != "none"]
        if any(fnmatchcase(arn, pattern) for pattern in allowed):
            continue
        command = f"{variable}={','.join([*allowed, arn])} make deploy STAGE={stage}"
        if outputs is None:
            operator.progress.note(f"Stage {stage} is not deployed; to let it use this {what}: {command}")
        else:
            message = f"stage {stage} may not use this {what}; allow it first, with: {command}"
            raise CommandDeclined(message)
