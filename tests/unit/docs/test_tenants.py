"""docs/tenants.md shows documents that are read as they stand, the directory's keys, and what the roles allow."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from shared.tenants import directory_items, secret_documents
from shared.tenants.directory_items import ItemKey
from shared.tenants.record import SecretPart
from tests.fakes import schema
from tests.unit.docs.test_docs import ROOT, SERVERLESS, rows, template

TENANTS = Path(__file__).parents[3] / "docs" / "tenants.md"
TEXT = TENANTS.read_text(encoding="utf-8")
EXAMPLES = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
READERS = {
    "tenant-access.v4": secret_documents.load_access,
    "tenant-accounts.v4": secret_documents.load_accounts,
    "tenant-signing.v4": secret_documents.load_signing,
    "directory-tenant.v1": directory_items.load_record,
    "directory-agent.v1": directory_items.load_agent,
    "directory-connection.v1": directory_items.load_connection,
}
KEYS = {
    directory_items.registry_key("<tenant>"),
    directory_items.record_key("<tenant>"),
    directory_items.agent_key("<tenant>", "<agent id>"),
    directory_items.agent_name_key("<tenant>", "<name>"),
    directory_items.number_key("<number>"),
    directory_items.listed_number_key("<tenant>", "<agent id>", "<number>"),
    directory_items.connection_key("<tenant>", "<number>"),
    directory_items.connected_with_key("<tenant>", "<credential id>", "<number>"),
    directory_items.connected_by_key("<tenant>", "<service SID>", "<number>"),
}


@pytest.mark.parametrize(("example", "name"), list(zip(EXAMPLES, READERS, strict=True)), ids=list(READERS))
def test_each_example_is_valid_and_can_be_read(example: dict[str, Any], name: str) -> None:
    Draft202012Validator(schema(name), format_checker=FormatChecker()).validate(example)
    assert READERS[name]("acme", json.dumps(example))


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "schemas").glob("*.json")), ids=lambda path: path.stem)
def test_each_schema_is_valid_described_and_fits_its_examples(path: Path) -> None:
    published = schema(path.stem)
    Draft202012Validator.check_schema(published)
    assert published["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert published["$id"] == path.name
    assert published["description"]
    assert published["examples"]
    for example in published["examples"]:
        Draft202012Validator(published, format_checker=FormatChecker()).validate(example)


def test_the_keys_are_those_of_the_directory() -> None:
    table = TEXT.partition("\n| pk | sk | what it is |")[2].partition("\n\n")[0]
    assert {ItemKey(*pair) for pair in re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", table, re.MULTILINE)} == KEYS


def test_what_a_function_may_read_is_what_its_role_allows() -> None:
    roles = template("infra/roles.yml")["Resources"]
    partitions = {"readTenants": {"tenant#"}, "readTenantsAndNumbers": {"tenant#", "number#"}}
    documented = rows(TENANTS, "function")
    assert set(documented) == set(SERVERLESS["functions"])
    for function, (secrets, directory) in documented.items():
        [policy] = roles[f"{function.capitalize()}Role"]["Properties"]["Policies"]
        statements = [text for text in policy["PolicyDocument"]["Statement"] if isinstance(text, str)]
        grants = {grant for text in statements for grant in re.findall(r"directory\.js\):(\w+)", text)}
        parts = {part.value for part in SecretPart if f"read{part.value.capitalize()}" in grants}
        assert set(re.findall(r"`(\w+)`", secrets)) == parts
        assert set(re.findall(r"`([\w#]+)`", directory)) == set().union(
            *(partitions.get(name, set()) for name in grants)
        )
