"""Holds what really happens to docs/openapi.yaml, docs/asyncapi.yaml and docs/schemas. Raises AssertionError."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

DOCS = Path(__file__).parents[1] / "docs"
OPENAPI, ASYNCAPI = "openapi.yaml", "asyncapi.yaml"
_BASE = "https://descriptions.example/"


@cache
def description(name: str) -> dict[str, Any]:
    """One of the descriptions, or a schema in docs/schemas."""
    read: dict[str, Any] = yaml.safe_load((DOCS / name).read_text(encoding="utf-8"))
    return read


@cache
def _registry() -> Registry[Any]:
    names = [OPENAPI, ASYNCAPI, *(f"schemas/{path.name}" for path in (DOCS / "schemas").glob("*.json"))]
    resources = [(_BASE + name, DRAFT202012.create_resource(description(name))) for name in names]
    return Registry[Any]().with_resources(resources)


def problems(pointer: str, value: object) -> list[str]:
    """What keeps a value from the schema at this place, such as `openapi.yaml#/components/schemas/Answer`."""
    validator = Draft202012Validator(
        {"$ref": _BASE + pointer}, registry=_registry(), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def check_event(event: object) -> None:
    """The event is one of those that are published."""
    assert isinstance(event, dict)
    name = f"schemas/{event.get('type')}.json"
    assert (DOCS / name).exists(), f"{event.get('type')} is not published"
    found = problems(name, event)
    assert not found, f"{name}: {found}"


def check_queued(channel: str, event: Mapping[str, Any], *, group: str, deduplication: str | None) -> None:
    """The event may stand on this channel of docs/asyncapi.yaml, with this group and deduplication id.

    None for a deduplication id that is not known any more.
    """
    names = description(ASYNCAPI)["channels"][channel]["messages"]
    messages = {name: description(ASYNCAPI)["components"]["messages"][name] for name in names}
    fitting = [name for name, message in messages.items() if message["name"] == event.get("type")]
    assert fitting, f"{event.get('type')} does not stand on {channel}"
    [name] = fitting
    found = problems(f"{ASYNCAPI}#/components/messages/{name}/payload", event)
    assert not found, f"{channel}: {found}"
    assert group == messages[name]["x-group"].format_map(event), f"{channel}: the group is {group}"
    replay = f".{event['replay']}" if "replay" in event else ""
    expected = messages[name]["x-deduplication"].format_map(event) + replay
    assert deduplication in {None, expected}, f"{channel}: the deduplication id is {deduplication}, not {expected}"


def is_described(method: str, path: str) -> bool:
    """Whether docs/openapi.yaml knows the operation. The path has no query, and no stage."""
    return any(method.lower() in item for known, item in description(OPENAPI)["paths"].items() if _fits(known, path))


def check_answer(method: str, path: str, status: int, headers: Mapping[str, str], body: str) -> None:
    """The answer to this request is one that docs/openapi.yaml describes. The path has no query, and no stage."""
    template = next((known for known in description(OPENAPI)["paths"] if _fits(known, path)), None)
    assert template, f"{path} is not described"
    operation = f"/paths/{_escaped(template)}/{method.lower()}"
    responses = dict(_at(operation)["responses"]) if method.lower() in description(OPENAPI)["paths"][template] else {}
    assert str(status) in responses, f"{method} {template} answers {status}, which is not described"
    _check_response(f"{method} {template} {status}", f"{operation}/responses/{status}", headers, body)


def check_backend_answer(status: int, headers: Mapping[str, str], body: str) -> None:
    """The answer of an HTTP backend is one that docs/openapi.yaml describes."""
    operation = "/webhooks/event/post"
    responses = _at(operation)["responses"]
    known = next((name for name in (str(status), f"{status // 100}XX") if name in responses), None)
    assert known, f"a backend does not answer {status}"
    _check_response(f"a backend's {status}", f"{operation}/responses/{known}", headers, body)


def check_backend_request(headers: Mapping[str, str], body: str) -> None:
    """The request to an HTTP backend is the webhook of docs/openapi.yaml."""
    given = {name.lower(): value for name, value in headers.items()}
    operation = "/webhooks/event/post"
    for number, parameter in enumerate(_at(operation)["parameters"]):
        name = parameter["name"]
        assert name in given, f"the header {name} is missing"
        found = problems(f"{OPENAPI}#{operation}/parameters/{number}/schema", given[name])
        assert not found, f"{name}: {found}"
    content = _at(f"{operation}/requestBody")["content"]
    [media_type] = content
    assert given.get("content-type") == media_type
    found = problems(f"{OPENAPI}#{operation}/requestBody/content/{_escaped(media_type)}/schema", json.loads(body))
    assert not found, found
    assert given["webhook-id"] == json.loads(body)["id"]


def references(name: str) -> Iterator[str]:
    """Every $ref of a description, as a whole address."""
    waiting: list[Any] = [description(name)]
    while waiting:
        node = waiting.pop()
        children = node.values() if isinstance(node, dict) else node
        waiting += [child for child in children if isinstance(child, dict | list)]
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            yield f"{name}{node['$ref']}" if node["$ref"].startswith("#") else node["$ref"]


def resolved(reference: str) -> Any:  # noqa: ANN401 - whatever stands there
    """What stands at such an address. Raises an error of `referencing` when nothing does."""
    return _registry().resolver().lookup(_BASE + reference).contents


def _typed(schema: str, text: str) -> str | int:
    """A header's value as its schema has it: on the wire it is text."""
    return int(text) if _at(schema).get("type") == "integer" and text.isdecimal() else text


def _check_response(what: str, pointer: str, headers: Mapping[str, str], body: str) -> None:
    response = _at(pointer)
    if "$ref" in response:
        pointer = response["$ref"].removeprefix("#")
        response = _at(pointer)
    given = {name.lower(): value for name, value in headers.items()}
    for name in response.get("headers", {}):
        header = _at(f"{pointer}/headers/{name}")
        place = header["$ref"].removeprefix("#") if "$ref" in header else f"{pointer}/headers/{name}"
        assert not _at(place).get("required") or name.lower() in given, f"{what}: the header {name} is missing"
        schema = f"{place}/schema"
        found = problems(f"{OPENAPI}#{schema}", _typed(schema, given[name.lower()])) if name.lower() in given else []
        assert not found, f"{what}: the header {name}: {found}"
    content = response.get("content")
    if content is None:
        return
    media_type = given.get("content-type", "").partition(";")[0].strip()
    assert media_type in content, f"{what}: the content type is {media_type or 'missing'}"
    value = json.loads(body) if media_type == "application/json" else body
    found = problems(f"{OPENAPI}#{pointer}/content/{_escaped(media_type)}/schema", value)
    assert not found, f"{what}: {found}"


def _at(pointer: str) -> dict[str, Any]:
    found: dict[str, Any] = resolved(f"{OPENAPI}#{pointer}")
    return found


def _fits(template: str, path: str) -> bool:
    parts = re.split(r"\{\w+\}", template)
    return bool(re.fullmatch("[^/]+".join(re.escape(part) for part in parts), path))


def _escaped(name: str) -> str:
    """As one step of a JSON pointer in a URL's fragment (RFC 6901, "URI Fragment Identifier Representation")."""
    return quote(name.replace("~", "~0").replace("/", "~1"))
