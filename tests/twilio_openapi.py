"""Holds requests to Twilio, and answers that claim to be Twilio's, to Twilio's own descriptions of its APIs.

`make setup` fetches them. They have gaps: they describe no errors, and do not say which of their many parameters may
be missing together (a message needs a sender or a service, a text or a file), nor that an empty value takes away.
"""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import FormatChecker
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

FOLDER = Path(__file__).parents[1] / ".openapi"
FILES = ("twilio_api_v2010.json", "twilio_messaging_v1.json", "twilio_accounts_v1.json")
FORM = "application/x-www-form-urlencoded"
_BASE = "https://twilio.example/"
_ASKED, _ANSWERED = FormatChecker(formats=()), FormatChecker(formats=())


@_ASKED.checks("uri")
def _is_url(value: object) -> bool:
    """In answers, "uri" also stands for a path, and for nothing."""
    split = urlsplit(str(value))
    return split.scheme in {"http", "https"} and bool(split.netloc)


@_ANSWERED.checks("date-time", raises=ValueError)
def _is_iso_8601(value: object) -> bool:
    return value is None or datetime.fromisoformat(str(value)).tzinfo is not None


@_ANSWERED.checks("date-time-rfc-2822", raises=ValueError)
def _is_rfc_2822(value: object) -> bool:
    return value is None or parsedate_to_datetime(str(value)).tzinfo is not None


@cache
def description() -> dict[str, Any]:
    """Twilio's descriptions of three of its APIs as one: messages and numbers, Messaging Services, auth tokens.

    They are at three hosts, and have no path and no schema in common.
    """
    joined: dict[str, Any] = {"paths": {}, "components": {"schemas": {}}}
    for name in FILES:
        assert (FOLDER / name).exists(), "Twilio's descriptions are missing: make setup"
        read: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
        joined["paths"] |= read["paths"]
        joined["components"]["schemas"] |= read["components"]["schemas"]
    return joined


def request_problems(method: str, path: str, fields: Sequence[tuple[str, str]], content_type: str) -> list[str]:
    """What is wrong with a request; a field that is not described is wrong too, for it may be misspelt."""
    template = _template(path)
    operation = description()["paths"].get(template, {}).get(method.lower())
    if operation is None:
        return [f"{method} {path} is not described"]
    parameters = operation.get("parameters", [])
    values = dict(zip(re.findall(r"\{(\w+)\}", template), _values(template, path), strict=True))
    found = _problems(_object(_placed(parameters, "path")), values, _ASKED)
    content = operation.get("requestBody", {}).get("content")
    if content is None:
        schema = _object(_placed(parameters, "query"))
    elif content_type in content:
        schema = {**content[content_type]["schema"], "additionalProperties": False}
    else:
        return [*found, f"the content type is {content_type or 'missing'}"]
    return found + _problems(schema, _typed(fields, schema["properties"]), _ASKED)


def answer_problems(method: str, path: str, status: int, body: object) -> list[str]:
    """What is wrong with an answer, apart from what is wrong with Twilio's own examples of it too."""
    operation = description()["paths"].get(_template(path), {}).get(method.lower(), {})
    response = operation.get("responses", {}).get(str(status))
    if response is None:
        return [f"{method} {path} answers {status}, which is not described"]
    [content] = response["content"].values()
    excused = set()
    for example in content.get("examples", {}).values():
        excused |= set(_problems(content["schema"], example["value"], _ANSWERED))
    return [problem for problem in _problems(content["schema"], body, _ANSWERED) if problem not in excused]


def properties(method: str, path: str, status: int) -> set[str]:
    """The names that an answer may have."""
    response = description()["paths"][_template(path)][method.lower()]["responses"][str(status)]
    [content] = response["content"].values()
    schema = content["schema"]
    if "$ref" in schema:
        schema = description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return set(schema["properties"])


@cache
def _registry() -> Registry[Any]:
    return Registry[Any]().with_resources([(_BASE, DRAFT4.create_resource(description()))])


def _problems(schema: dict[str, Any], value: object, formats: FormatChecker) -> list[str]:
    absolute = json.loads(json.dumps(schema).replace('"#/components', f'"{_BASE}#/components'))
    validator = OAS30Validator(absolute, registry=_registry(), format_checker=formats)
    return sorted(f"{error.json_path}: {error.message}" for error in validator.iter_errors(value))


def _template(path: str) -> str:
    """The described path that fits, the one with the fewest variables first."""
    known = sorted(description()["paths"], key=lambda template: template.count("{"))
    return next((template for template in known if re.fullmatch(_pattern(template), path)), "")


def _values(template: str, path: str) -> tuple[str, ...]:
    fits = re.fullmatch(_pattern(template), path)
    return fits.groups() if fits else ()


def _pattern(template: str) -> str:
    return r"([^/]+?)".join(re.escape(part) for part in re.split(r"\{\w+\}", template))


def _placed(parameters: Iterable[dict[str, Any]], place: str) -> list[dict[str, Any]]:
    return [parameter for parameter in parameters if parameter["in"] == place]


def _object(parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """Parameters as the properties of an object."""
    return {
        "type": "object",
        "properties": {parameter["name"]: parameter["schema"] for parameter in parameters},
        "required": [parameter["name"] for parameter in parameters if parameter.get("required")],
        "additionalProperties": False,
    }


def _typed(fields: Sequence[tuple[str, str]], schemas: dict[str, Any]) -> dict[str, object]:
    """Fields of a form or a query, whose values are texts, as what the schemas say they are."""
    typed: dict[str, object] = {}
    for name, text in fields:
        kind = schemas.get(name, {}).get("type")
        if kind == "array":
            typed[name] = [value for known, value in fields if known == name]
        elif name in typed:
            typed[name] = [typed[name], text]  # twice, and no list: no schema takes that
        elif kind == "integer" and re.fullmatch(r"-?[0-9]+", text):
            typed[name] = int(text)
        elif kind == "boolean" and text in {"true", "false"}:
            typed[name] = text == "true"
        else:
            typed[name] = text
    return typed
