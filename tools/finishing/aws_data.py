"""botocore's data about AWS, cut down to what the Lambdas call: it reads all of it to make a client."""

import gzip
import json
import re
from collections.abc import Mapping
from typing import Any

CALLED = {
    "dynamodb": {"DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"},
    "lexv2-runtime": {"RecognizeText"},
    "secretsmanager": {"GetSecretValue"},
    "sns": {"Publish"},
    "sqs": {"ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage", "SendMessage"},
}
"""The operations that the Lambdas' roles allow, by service. A test compares them with the template. A transaction needs
no right but those to its writes (DynamoDB guide, "Using IAM with transactions")."""

_ENDPOINTS = "botocore/data/endpoints.json"
_MODEL = re.compile(r"botocore/data/([^/]+)/[^/]+/service-2\.json\.gz")


def trimmed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files with only the called operations of each service, and its endpoints in every region and partition."""
    remaining, prefixes = dict(files), set()
    for name in files:
        if service := _MODEL.fullmatch(name):
            model = json.loads(gzip.decompress(remaining.pop(name)), object_hook=_undocumented)
            prefixes.add(model["metadata"]["endpointPrefix"])
            remaining[name.removesuffix(".gz")] = _dumped(_with_only(CALLED[service[1]], model))
    if prefixes:
        endpoints = json.loads(remaining[_ENDPOINTS])
        for partition in endpoints["partitions"]:
            services = partition["services"]
            partition["services"] = {name: regions for name, regions in services.items() if name in prefixes}
        remaining[_ENDPOINTS] = _dumped(endpoints)
    return remaining


def _undocumented(part: dict[str, Any]) -> dict[str, Any]:
    """A part of a model without its documentation. A member with the same name is not a text, and stays."""
    return {name: value for name, value in part.items() if name != "documentation" or not isinstance(value, str)}


def _with_only(operations: set[str], model: dict[str, Any]) -> dict[str, Any]:
    """A service's model with these operations only, and the shapes that they refer to."""
    called = {name: model["operations"][name] for name in sorted(operations)}
    shapes: dict[str, Any] = {}
    waiting = _shapes(called)
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            waiting += _shapes(shapes[name])
    return model | {"operations": called, "shapes": shapes}


def _shapes(part: object) -> list[str]:
    """The names of the shapes that this part of a model refers to."""
    if isinstance(part, dict) and isinstance(part.get("shape"), str):
        return [part["shape"]]
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [name for value in inner for name in _shapes(value)]


def _dumped(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
