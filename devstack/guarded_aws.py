"""The local AWS with IAM: ministack decides each call by the caller's policies, and each decision is recorded.

`.venv-local/bin/python -P devstack/guarded_aws.py WEAKNESSES DECISIONS` starts it. It runs where ministack is
installed, so it imports nothing of ours but the weaknesses of the real AWS (devstack/weaknesses/), whose switches are
in the file WEAKNESSES. With `AUTH=true` in its environment ministack lets nobody do what no policy allows (its
`core/iam_evaluator.py`). What it lacks, this adds:

- A log of its decisions: each is a line of JSON in the file DECISIONS. The account itself, whose key is `test`, may do
  everything, and what it calls is not recorded.
- The condition key `dynamodb:LeadingKeys` (AWS docs, "Using IAM policy conditions for fine-grained access control") for
  calls that name items by their keys. Queries and transactions go without it, and so without what it would forbid.
- The log groups of a search in several logs (Service authorization reference, "Amazon CloudWatch Logs", StartQuery).
- The same condition in simulations of rights (IAM API, SimulatePrincipalPolicy), where the key is a parameter.
- TLS: everything is on loopback, without it, but counts as encrypted, because buckets of deployments refuse the rest.
"""

import json
import os
import sys
import time
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb, iam

_PROJECT = str(Path(__file__).parents[1])

_decide = iam_evaluator.enforce
_evaluate = iam_evaluator.evaluate
_pin_origin = app.pin_request_origin
_resource_arn = iam_actions.extract_resource_arn
_service_context = iam_actions.dynamodb_service_context
_simulation_parameters = iam._extract_simulate_params  # noqa: SLF001 - it has no other place for them
_question: ContextVar[Any] = ContextVar("question", default=None)
_simulated_keys: ContextVar[list[str] | None] = ContextVar("simulated_keys", default=None)


class _Recorder:
    """Stands in for ministack's `enforce` and writes down what that decides."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def enforce(self, access_key_id: str, iam_action: str, *arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - its own
        _question.set(None)
        denial = _decide(access_key_id, iam_action, *arguments, **more)
        question = _question.get()
        if question is None and denial is None:
            return None
        decision = {
            "time": time.time(),
            "principal": question.principal_arn if question else access_key_id,
            "action": iam_action,
            "resource": question.resource_arn if question else "*",
            "leading_keys": question.service_context.get("dynamodb:leadingkeys", []) if question else [],
            "allowed": denial is None,
        }
        os.write(self._file, json.dumps(decision).encode() + b"\n")
        return denial


def _evaluate_and_keep(question: Any, *policies: Any) -> Any:  # noqa: ANN401 - ministack has no types
    if keys := _simulated_keys.get():
        question.service_context["dynamodb:leadingkeys"] = keys
    _question.set(question)
    return _evaluate(question, *policies)


def _resource_with_log_groups(service: str, *arguments: Any) -> str:  # noqa: ANN401 - ministack has no types
    """The resource of a request. Of several log groups, the first one stands for all."""
    arn: str = _resource_arn(service, *arguments)
    if service != "logs" or arn != "*":
        return arn
    *_, body, _params, region, account = arguments
    groups = json.loads(body or b"{}").get("logGroupNames")
    return f"arn:aws:logs:{region}:{account}:log-group:{groups[0]}" if groups else arn


def _keep_simulated_keys(parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - ministack has no types
    entry, values = "ContextEntries.member.1.", "ContextKeyValues.member."
    is_named = parameters.get(f"{entry}ContextKeyName") == ["dynamodb:LeadingKeys"]
    keys = [value for name, value in parameters.items() if name.startswith(entry + values)]
    _simulated_keys.set([key for several in keys for key in several] if is_named else None)
    return _simulation_parameters(parameters)


def _context_with_leading_keys(body: bytes) -> dict[str, Any]:
    context: dict[str, Any] = _service_context(body)
    keys = _leading_keys(json.loads(body or b"{}"))
    return {**context, "dynamodb:LeadingKeys": keys} if keys else context


def _leading_keys(request: dict[str, Any]) -> list[str]:
    """The partition keys of the items that a request names."""
    batches = [
        (table, batch.get("Keys", []))
        for table, batch in request.get("RequestItems", {}).items()
        if isinstance(batch, dict)
    ]
    named = [key for key in (request.get("Key"), request.get("Item")) if key]
    keys = []
    for table, items in [(request.get("TableName", ""), named), *batches]:
        name = (dynamodb._tables.get(table) or {}).get("pk_name")  # noqa: SLF001 - it has no other way to ask
        keys += [value for item in items for value in item.get(name, {}).values()]
    return keys


def _install_weaknesses(switches_file: Path) -> None:
    sys.path.insert(0, _PROJECT)
    from devstack.weaknesses import gateway, logs, queues, switches, tables  # noqa: PLC0415 - found from here on

    sys.path.remove(_PROJECT)
    switched = switches.Switches(switches_file)
    gateway.install()
    queues.install(switched)
    tables.install(switched)
    logs.install(switched)


def main() -> None:
    """Runs ministack until it is stopped."""
    recorder = _Recorder(sys.argv.pop())
    _install_weaknesses(Path(sys.argv.pop()))
    iam_evaluator.enforce = recorder.enforce
    iam_evaluator.evaluate = _evaluate_and_keep
    iam_actions.extract_resource_arn = _resource_with_log_groups
    iam._extract_simulate_params = _keep_simulated_keys  # noqa: SLF001
    iam_actions.dynamodb_service_context = _context_with_leading_keys
    app.pin_request_origin = lambda address, _secure: _pin_origin(address, True)  # noqa: FBT003 - its own
    app.main()


if __name__ == "__main__":
    main()
