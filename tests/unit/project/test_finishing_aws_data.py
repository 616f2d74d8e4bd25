"""botocore's data, cut down: of each service what is called, word for word but for its documentation."""

import gzip
import json
from pathlib import Path
from typing import Any

import botocore
import pytest

from tools.finishing.aws_data import CALLED, trimmed

INSTALLED = Path(botocore.__file__).parent / "data"
ENDPOINTS = "botocore/data/endpoints.json"
PREFIXES = {"dynamodb", "runtime-v2-lex", "secretsmanager", "sqs"}


def whole() -> dict[str, bytes]:
    """What is packaged of the data, with a file that is nobody's business."""
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
        return [undocumented(one) for one in part]
    if isinstance(part, dict):
        return {
            name: undocumented(one) for name, one in part.items() if not (name == "documentation" and one == f"{one}")
        }
    return part


@pytest.mark.parametrize("service", CALLED)
def test_what_is_called_of_a_service_is_as_it_was(service: str) -> None:
    before, after = undocumented(model(service, WHOLE)), model(service, TRIMMED)
    assert set(after["operations"]) == CALLED[service]
    assert {name: before["operations"][name] for name in after["operations"]} == after["operations"]
    assert {name: before["shapes"][name] for name in after["shapes"]} == after["shapes"]
    assert before["metadata"] == after["metadata"]
    assert set(before) == set(after)


@pytest.mark.parametrize("service", CALLED)
def test_every_shape_that_is_needed_is_there_and_no_other(service: str) -> None:
    after = model(service, TRIMMED)
    referred: set[str] = set()

    def look(part: Any) -> None:  # noqa: ANN401 - JSON
        if isinstance(part, dict):
            if isinstance(part.get("shape"), str):
                referred.add(part["shape"])
            for one in part.values():
                look(one)
        if isinstance(part, list):
            for one in part:
                look(one)

    look(after)
    assert referred == set(after["shapes"])


def test_every_partition_and_region_is_there_with_the_services_that_are_called() -> None:
    before, after = json.loads(WHOLE[ENDPOINTS]), json.loads(TRIMMED[ENDPOINTS])
    for partition in before["partitions"]:
        partition["services"] = {name: one for name, one in partition["services"].items() if name in PREFIXES}
    assert after == before
    assert {"aws", "aws-cn", "aws-us-gov"} <= {partition["partition"] for partition in after["partitions"]}


def test_everything_else_is_as_it_was() -> None:
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


def test_what_was_trimmed_is_not_trimmed_again() -> None:
    assert trimmed(TRIMMED) == TRIMMED


def test_a_service_that_nobody_said_what_is_called_of_is_refused() -> None:
    name = "botocore/data/sns/2010-03-31/service-2.json.gz"
    with pytest.raises(KeyError, match="sns"):
        trimmed(WHOLE | {name: (INSTALLED / "sns" / "2010-03-31" / "service-2.json.gz").read_bytes()})


def test_it_is_a_small_part_of_what_it_was() -> None:
    assert len(TRIMMED[ENDPOINTS]) * 20 < len(WHOLE[ENDPOINTS])
