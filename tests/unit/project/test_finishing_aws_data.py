"""botocore's data, cut down: the called operations of each service, unchanged except for the documentation."""

import gzip
import json
from pathlib import Path
from typing import Any

import botocore
import pytest

from tools.finishing.aws_data import CALLED, trimmed

INSTALLED = Path(botocore.__file__).parent / "data"
ENDPOINTS = "botocore/data/endpoints.json"
PREFIXES = {"dynamodb", "sns", "runtime-v2-lex", "secretsmanager", "sqs"}


def whole() -> dict[str, bytes]:
    """The packaged part of the data, and a file that is not part of it."""
    paths = [path for service in CALLED for path in (INSTALLED / service).rglob("*.json*")]
    files = {f"botocore/data/{path.relative_to(INSTALLED)}": path.read_bytes() for path in paths}
    return files | {ENDPOINTS: (INSTALLED / "endpoints.json").read_bytes(), "shared/messages/inbound.py": b""}


WHOLE = whole()
TRIMMED = trimmed(WHOLE)


def model(service: str, files: dict[str, bytes]) -> Any:  # noqa: ANN401 - JSON
    """The service as botocore describes it."""
    (name,) = (name for name in files if name.startswith(f"botocore/data/{service}/") and "/service-2.json" in name)
    return json.loads(gzip.decompress(files[name]) if name.endswith(".gz") else files[name])


def undocumented(part: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(part, list):
        return [undocumented(item) for item in part]
    if isinstance(part, dict):
        return {
            name: undocumented(value)
            for name, value in part.items()
            if not (name == "documentation" and isinstance(value, str))
        }
    return part


@pytest.mark.parametrize("service", CALLED)
def test_the_called_operations_of_a_service_are_unchanged(service: str) -> None:
    before, after = undocumented(model(service, WHOLE)), model(service, TRIMMED)
    assert set(after["operations"]) == CALLED[service]
    assert {name: before["operations"][name] for name in after["operations"]} == after["operations"]
    assert {name: before["shapes"][name] for name in after["shapes"]} == after["shapes"]
    assert before["metadata"] == after["metadata"]
    assert set(before) == set(after)


@pytest.mark.parametrize("service", CALLED)
def test_exactly_the_needed_shapes_remain(service: str) -> None:
    after = model(service, TRIMMED)
    referred: set[str] = set()

    def look(part: Any) -> None:  # noqa: ANN401 - JSON
        if isinstance(part, dict):
            if isinstance(part.get("shape"), str):
                referred.add(part["shape"])
            for value in part.values():
                look(value)
        if isinstance(part, list):
            for item in part:
                look(item)

    look(after)
    assert referred == set(after["shapes"])


def test_every_partition_and_region_remains_with_the_called_services() -> None:
    before, after = json.loads(WHOLE[ENDPOINTS]), json.loads(TRIMMED[ENDPOINTS])
    for partition in before["partitions"]:
        services = partition["services"]
        partition["services"] = {name: regions for name, regions in services.items() if name in PREFIXES}
    assert after == before
    assert {"aws", "aws-cn", "aws-us-gov"} <= {partition["partition"] for partition in after["partitions"]}


def test_everything_else_is_unchanged() -> None:
    changed = {name for name in WHOLE if TRIMMED.get(name) != WHOLE[name]}
    assert all("/service-2.json" in name or name == ENDPOINTS for name in changed)
    assert len(changed) == len(CALLED) + 1


def test_a_member_that_is_named_documentation_stays() -> None:
    name = "botocore/data/sqs/2012-11-05/service-2.json.gz"
    files = dict(WHOLE)
    changed = json.loads(gzip.decompress(files[name]))
    changed["shapes"]["SendMessageRequest"]["members"]["documentation"] = {"shape": "String", "documentation": "Text."}
    files[name] = gzip.compress(json.dumps(changed).encode())
    members = model("sqs", trimmed(files))["shapes"]["SendMessageRequest"]["members"]
    assert members["documentation"] == {"shape": "String"}


def test_trimming_twice_changes_nothing() -> None:
    assert trimmed(TRIMMED) == TRIMMED


def test_a_service_without_a_list_of_called_operations_is_refused() -> None:
    name = "botocore/data/sts/2011-06-15/service-2.json.gz"
    with pytest.raises(KeyError, match="sts"):
        trimmed(WHOLE | {name: (INSTALLED / "sts" / "2011-06-15" / "service-2.json.gz").read_bytes()})


def test_the_endpoints_become_much_smaller() -> None:
    assert len(TRIMMED[ENDPOINTS]) * 20 < len(WHOLE[ENDPOINTS])
