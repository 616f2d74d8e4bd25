"""Throttled deliveries, which count as receives, and receipt handles that have expired; see `Weaknesses`."""

from collections.abc import Mapping
from typing import Any

from ministack.services import lambda_svc, sqs

from devstack.weaknesses.switches import Switches

_run = lambda_svc._run_sqs_batch  # noqa: SLF001 - ministack has no other place for it, here and below
_delete = sqs._delete_messages_for_esm  # noqa: SLF001
_change_visibility = sqs._HANDLERS["ChangeMessageVisibility"]  # noqa: SLF001


def install(switches: Switches) -> None:
    """Makes the local Lambda and SQS do the same."""

    def run(mapping: Mapping[str, Any], *arguments: object) -> None:
        if mapping["FunctionName"] not in switches.read().throttled:
            _run(mapping, *arguments)

    def delete(queue_url: str, handles: set[str]) -> None:
        if _name(queue_url) not in switches.read().expired:
            _delete(queue_url, handles)

    def change_visibility(request: Mapping[str, Any], queue_url: str) -> Any:  # noqa: ANN401 - ministack has no types
        if _name(request.get("QueueUrl", queue_url)) in switches.read().expired:
            code, reason = "InvalidParameterValue", "Reason: The receipt handle has expired."
            value = f"Value {request['ReceiptHandle']} for parameter ReceiptHandle is invalid."
            raise sqs._Err(code, f"{value} {reason}")  # noqa: SLF001
        return _change_visibility(request, queue_url)

    lambda_svc._run_sqs_batch = run  # noqa: SLF001
    sqs._delete_messages_for_esm = delete  # noqa: SLF001
    sqs._HANDLERS["ChangeMessageVisibility"] = change_visibility  # noqa: SLF001


def _name(queue_url: str) -> str:
    return queue_url.rpartition("/")[2]
