"""The documents keep up with the code: what they name exists, and what exists is named."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from typer.core import TyperGroup

from cli.app import app
from dashboard.pages import PAGES
from shared.tenants.agent import STAGES
from tests.descriptions import OPENAPI, description
from tests.unit.project.test_architecture import ADAPTERS, BASE, BELOW_DOMAIN, DOMAIN, MAY_IMPORT, VALUES
from tests.unit.test_settings import KINDS, variables

ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"
TWILIO = ROOT / "docs" / "twilio.md"
CONFIGURATION = ROOT / "docs" / "configuration.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "twin" / "README.md"])
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
OURS = re.compile(r"SMS_RECEIVER_[A-Z_]+")


class _Template(yaml.SafeLoader):
    """Reads CloudFormation's own tags as nothing."""


_Template.add_multi_constructor("!", lambda *_: None)


def template(path: str) -> dict[str, Any]:
    text = (ROOT / path).read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=_Template)  # noqa: S506 - a SafeLoader
    return loaded


SERVERLESS = template("serverless.yml")
PARAMETERS: dict[str, object] = {name: value for part in SERVERLESS["params"].values() for name, value in part.items()}


def settings_read() -> set[str]:
    return {name for kind in KINDS.values() for name in variables(kind)}


def settings_given() -> set[str]:
    parts = [SERVERLESS["provider"], *SERVERLESS["functions"].values()]
    return {name for part in parts for name in part.get("environment", {})}


def variables_read() -> set[str]:
    """The variables of ours in all sources; where the stage's name is put in by code, the ones of both stages."""
    names = set()
    for folder, pattern in (("", "*.yml"), ("", "Makefile"), ("infra", "*"), ("tools", "*"), ("cli", "**/*.py")):
        for path in filter(Path.is_file, (ROOT / folder).glob(pattern)):
            text = path.read_text(encoding="utf-8")
            for stage in ("EAST", "SOUTH"):
                names |= set(OURS.findall(re.sub(r"SMS_RECEIVER_\$?{[^}]*}", f"SMS_RECEIVER_{stage}", text)))
    return {name for name in names if not name.endswith("_")}


def rows(document: Path, first: str) -> dict[str, list[str]]:
    """The table whose first heading this is: each row's other cells, by the name in backticks in its first cell."""
    found: dict[str, list[str]] = {}
    inside = False
    for line in document.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        inside = line.startswith("|") and (inside or cells[0] == first)
        if inside and (name := re.fullmatch(r"`(.+)`", cells[0])):
            found[name[1]] = cells[1:]
    assert found, f"{document.name} has no table of {first}"
    return found


def test_the_deployment_gives_exactly_the_settings_that_are_read() -> None:
    assert settings_given() == settings_read()


@pytest.mark.parametrize(
    ("heading", "real"),
    [("variable", variables_read()), ("parameter", set(PARAMETERS)), ("setting", settings_read())],
)
def test_configuration_names_all_there_is_and_nothing_else(heading: str, real: set[str]) -> None:
    documented = set(rows(CONFIGURATION, heading))
    assert not real - documented, f"docs/configuration.md has no row for the {heading} {sorted(real - documented)}"
    assert not documented - real, f"docs/configuration.md invents the {heading} {sorted(documented - real)}"


@pytest.mark.parametrize(("name", "default"), PARAMETERS.items())
def test_configuration_tells_each_parameters_default(name: str, default: object) -> None:
    told = rows(CONFIGURATION, "parameter")[name][0]
    variable = OURS.search(str(default))
    expected = variable[0] if variable else str(default)
    assert f"`{expected}`" in told or told == "see `serverless.yml`", f"the default of {name} is {expected}, not {told}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_names_a_variable_that_does_not_exist(document: Path) -> None:
    named = {name for name in OURS.findall(document.read_text(encoding="utf-8")) if not name.endswith("_")}
    assert named <= variables_read()


def test_configuration_states_how_long_a_revoked_key_works() -> None:
    times = [PARAMETERS["authorizerTtlSeconds"], PARAMETERS["tenantCacheSeconds"]]
    assert times == [60, 60], (
        "then docs/configuration.md, docs/twilio.md, docs/security.md and SECURITY.md must not say two minutes"
    )
    for document in (CONFIGURATION, TWILIO, ROOT / "SECURITY.md", ROOT / "docs" / "security.md"):
        assert "two minutes" in " ".join(document.read_text(encoding="utf-8").lower().split())


def anchors(document: Path) -> set[str]:
    """The headings as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if not target.startswith("https://"):
            there = (document.parent / path).resolve() if path else document
            assert there.exists(), f"{document.name} links to {target}, which does not exist"
            assert there.is_relative_to(ROOT), f"{document.name} links out of the repository: {target}"
            assert not anchor or anchor in anchors(there), f"{document.name} links to {target}: no such heading"


def test_each_page_has_a_picture_and_each_picture_is_shown() -> None:
    """`make docs` takes them; whoever adds a page runs it."""
    pictures = ROOT / "docs" / "pictures"
    names = {path.name for path in pictures.glob("*.png")}
    assert set(re.findall(r"\]\(([^)/]+\.png)\)", (pictures / "README.md").read_text(encoding="utf-8"))) == names
    assert {f"{page.name}.png" for page in PAGES} <= names


def code(document: Path) -> Iterator[str]:
    """Everything that is set as code, line by line; a line that ends in a backslash goes on."""
    text = document.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.compile(r"^ *(?:- )?```\w*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
    for block in blocks.findall(text):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", blocks.sub("", text))


def test_the_readme_names_the_two_commands() -> None:
    assert {"make run", "make test"} <= set(code(README))


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in DOCUMENTS:
        for line in code(document):
            if called := re.match(r"make ([a-z-]+)", line):
                assert called[1] in targets, f"{document.name} names `{line}`"


def problem(words: list[str]) -> str | None:
    """What is wrong with the words after `./sms`, or None."""
    command = typer.main.get_command(app)
    options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    known = options
    for word in words:
        if word.startswith("-"):
            if word.partition("=")[0] not in known:
                return f"there is no option {word}"
        elif isinstance(command, TyperGroup) and word in command.commands:
            command = command.commands[word]
            known = options | {name for parameter in command.params for name in parameter.opts}
        elif isinstance(command, TyperGroup) and word not in {*STAGES, "$STAGE", "acme", "$TENANT"}:
            return f"there is no command {word}"
    return None


def test_every_sms_command_that_is_named_exists() -> None:
    seen = 0
    for document in DOCUMENTS:
        for line in code(document):
            for called in re.findall(r"\./sms\b([^;&|#]*)", line):
                wrong = problem(shlex.split(called))
                assert wrong is None, f"{document.name} names `./sms{called}`: {wrong}"
                seen += 1
    assert seen


@pytest.mark.parametrize("words", ["tenants list", "tenant lst", "url --key", "--stage east nothing", "setup --agnt x"])
def test_the_check_above_would_notice(words: str) -> None:
    assert problem(words.split())


def test_every_status_that_twilio_can_get_is_explained() -> None:
    gateway = template("infra/gateway.yml")["template"]["Resources"].values()
    described = description(OPENAPI)["paths"]["/sms.receiver/SmsRecv"]["post"]["responses"]
    answered = {int(g["Properties"]["StatusCode"]) for g in gateway} | {int(s) for s in described if s >= "400"}
    told = re.findall(r"^\| (\d{3}) \|", TWILIO.read_text(encoding="utf-8"), re.MULTILINE)
    assert {int(status) for status in told} == answered


def imports_told() -> dict[str, set[str]]:
    """The table of imports in CONTRIBUTING.md: each folder or module, and what it may import."""
    groups = {
        "the base": set(BASE),
        "the values": set(VALUES),
        "ports and below": set(BELOW_DOMAIN),
        "the domain": set(DOMAIN),
        "the adapters": set(ADAPTERS),
        "nothing": set[str](),
    }

    def module(name: str) -> str:
        dotted = name.strip("`/ ").removesuffix(".py").replace("/", ".")
        return dotted if dotted in MAY_IMPORT or dotted.startswith("cli.") else f"shared.{dotted}"

    table = CONTRIBUTING.partition("| folder or module | may import, of ours, besides itself |")[2]
    told: dict[str, set[str]] = {}
    for left, right in re.findall(r"^\| (.*?`.*?) \| (.*?) \|$", table.partition("\n\n")[0], re.MULTILINE):
        allowed = set().union(
            *(groups.get(name) or ({module(name)} - {"shared.nothing"}) for name in right.split(", "))
        )
        told |= {module(name): allowed for name in re.findall(r"`[^`]+`", left)}
    return told


def words_told() -> dict[str, list[str]]:
    """What stands behind the words of that table."""
    listed = re.findall(r"^- \*(the .+|ports and below)\*: (.*?)(?:;.*)?$", CONTRIBUTING, re.MULTILINE)
    return {word: re.findall(r"`(\w+)`", members) for word, members in listed}


def test_contributing_has_the_same_table_of_imports_as_the_tests() -> None:
    assert imports_told() == {name: set(allowed) for name, allowed in MAY_IMPORT.items()}


def test_contributing_says_what_stands_behind_the_words_of_that_table() -> None:
    tables = {"the base": BASE, "the domain": DOMAIN, "the adapters": ADAPTERS}
    told = words_told()
    assert {word: told[word] for word in tables} == {
        word: [name.removeprefix("shared.") for name in names] for word, names in tables.items()
    }
    assert told["the values"] == ["tenants", "messages"]
    below = ["ports", "retry", "provider_rules", "outbound_queue", "opt_out", "usage", "journal"]
    assert told["ports and below"] == below


def test_the_licence_is_complete() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "APPENDIX: How to apply the Apache License to your work." in text
    assert "limitations under the License." in text.splitlines()[-1]
