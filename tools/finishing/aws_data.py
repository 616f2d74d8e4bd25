"""What botocore keeps of AWS, cut down to what the Lambdas call: it reads all that is there to make a client."""

import gzip
import json
import re
from collections.abc import Mapping
from typing import Any

CALLED = {
    "dynamodb": {"DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"},
    "lexv2-runtime": {"RecognizeText"},
    "secretsmanager": {"GetSecretValue"},
    "sqs": {"ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage", "SendMessage"},
}
"""What the Lambdas' roles allow. A test compares it with the template."""

_ENDPOINTS = "botocore/data/endpoints.json"
_MODEL = re.compile(r"botocore/data/([^/]+)/[^/]+/service-2\.json\.gz")


def trimmed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files with what is called of each service, in every region of every partition."""
    kept, prefixes = dict(files), set()
    for name in files:
        if service := _MODEL.fullmatch(name):
            model = json.loads(gzip.decompress(kept.pop(name)), object_hook=_undocumented)
            prefixes.add(model["metadata"]["endpointPrefix"])
            kept[name.removesuffix(".gz")] = _dumped(_with_only(CALLED[service[1]], model))
    if prefixes:
        endpoints = json.loads(kept[_ENDPOINTS])
        for partition in endpoints["partitions"]:
            partition["services"] = {name: one for name, one in partition["services"].items() if name in prefixes}
        kept[_ENDPOINTS] = _dumped(endpoints)
    return kept


def _undocumented(part: dict[str, Any]) -> dict[str, Any]:
    """Without its text. A member may bear the same name; it is no text, and stays."""
    return {name: one for name, one in part.items() if name != "documentation" or not isinstance(one, str)}


def _with_only(operations: set[str], model: dict[str, Any]) -> dict[str, Any]:
    """A service with these operations, and the shapes that they refer to."""
    wanted = {name: model["operations"][name] for name in sorted(operations)}
    shapes: dict[str, Any] = {}
    waiting = _shapes(wanted)
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            waiting += _shapes(shapes[name])
    return model | {"operations": wanted, "shapes": shapes}


def _shapes(part: object) -> list[str]:
    """The names of the shapes that this part of a model refers to."""
    if isinstance(part, dict) and isinstance(part.get("shape"), str):
        return [part["shape"]]
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [name for one in inner for name in _shapes(one)]


def _dumped(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
