"""What runs on GitHub: pinned actions that may only read, and the same commands as on a computer."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in WORKFLOWS}
LOADED: dict[str, dict[Any, Any]] = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
JOBS = [(f"{name}: {job}", about) for name, workflow in LOADED.items() for job, about in workflow["jobs"].items()]
STEPS = [step for _, job in JOBS for step in job["steps"]]
PINNED = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
GATE_MIN = 95
"""Percent of shared/ and handlers/ that the coverage gate must ask for, at the very least."""


def targets() -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def loaded(file: str) -> Any:  # noqa: ANN401 - what the file holds
    return yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))


def unpinned(text: str) -> list[str]:
    """The actions of a workflow that are not pinned to a commit, with the version as a comment."""
    used = re.findall(r"^[ -]*uses: *(.*)$", text, re.MULTILINE)
    return [action for action in used if not PINNED.fullmatch(action)]


def excess(workflow: dict[Any, Any]) -> list[str]:
    """What a workflow may do besides reading the repository."""
    granted = [("workflow", workflow.get("permissions", "everything"))]
    granted += [(job, about["permissions"]) for job, about in workflow["jobs"].items() if "permissions" in about]
    return [f"{who}: {rights}" for who, rights in granted if rights not in ({"contents": "read"}, {})]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_action_is_pinned_to_a_commit_and_names_its_version(text: str) -> None:
    assert not unpinned(text)
    assert "uses:" in text


@pytest.mark.parametrize(
    "action",
    [
        "actions/checkout@v7",
        "actions/checkout@main",
        "actions/checkout",
        "actions/checkout@3d3c42e",
        "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
        "docker://alpine:3",
        "'actions/checkout@v7' # v7.0.0",
    ],
)
def test_the_check_above_would_notice(action: str) -> None:
    assert unpinned(f"    - uses: {action}\n") == [action]


@pytest.mark.parametrize("workflow", LOADED.values(), ids=LOADED)
def test_a_workflow_may_read_the_repository_and_nothing_else(workflow: dict[Any, Any]) -> None:
    assert not excess(workflow)


@pytest.mark.parametrize(
    "workflow",
    [
        {"jobs": {"check": {}}},
        {"permissions": "write-all", "jobs": {}},
        {"permissions": {"contents": "write"}, "jobs": {}},
        {"permissions": {"contents": "read", "id-token": "write"}, "jobs": {}},
        {"permissions": {"contents": "read"}, "jobs": {"check": {"permissions": {"packages": "write"}}}},
    ],
    ids=str,
)
def test_the_check_of_permissions_would_notice(workflow: dict[Any, Any]) -> None:
    assert excess(workflow)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_workflow_has_secrets_or_runs_a_strangers_code_with_our_rights(text: str) -> None:
    assert not re.search(r"secrets\b|pull_request_target|workflow_run|github\.token", text)


def test_a_checkout_leaves_no_credentials_behind() -> None:
    checkouts = [step for step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == len(JOBS)
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_no_text_of_a_stranger_becomes_a_command() -> None:
    assert not [step["run"] for step in STEPS if "${{" in step.get("run", "")]


@pytest.mark.parametrize(("_name", "job"), JOBS, ids=[name for name, _ in JOBS])
def test_every_job_ends_by_itself_and_runs_on_a_named_system(_name: str, job: dict[str, Any]) -> None:
    assert 0 < job["timeout-minutes"] <= 60
    assert re.fullmatch(r"ubuntu-\d\d\.04", job["runs-on"])


def test_all_that_must_hold_runs_on_github_too() -> None:
    made = {target for step in STEPS for target in re.findall(r"\bmake ([a-z0-9-]+)", step.get("run", ""))}
    (needed,) = re.findall(r"^test: (.*?) ##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert made == {*needed.split(), "coverage"}
    assert made <= targets()


def test_the_oldest_python_and_the_lambdas_own_are_checked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (oldest,) = re.findall(r">=(3\.\d+)", project["project"]["requires-python"])
    (lambdas,) = re.findall(r"runtime: python(3\.\d+)", (ROOT / "serverless.yml").read_text(encoding="utf-8"))
    assert LOADED["test.yml"]["jobs"]["check"]["strategy"]["matrix"]["python"] == [oldest, lambdas]


def test_the_coverage_gate_counts_branches_of_all_that_the_lambdas_run() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["coverage"]
    assert (settings["run"]["branch"], settings["run"]["source"]) == (True, ["shared", "handlers"])
    assert settings["report"]["fail_under"] >= GATE_MIN
    assert not {"omit", "include"} & (settings["run"].keys() | settings["report"].keys())


def test_the_bot_offers_new_versions_of_everything_that_is_pinned() -> None:
    updates = loaded(".github/dependabot.yml")["updates"]
    watched = {
        (update["package-ecosystem"], folder) for update in updates for folder in update.get("directories", ["/"])
    }
    locks = {f"/{path.parent.relative_to(ROOT)}" for path in (ROOT / "bench").rglob("package-lock.json")}
    assert watched == {("pip", "/"), ("github-actions", "/"), *(("npm", folder) for folder in {"/", *locks})}


def test_the_hooks_before_a_commit_are_the_projects_own_tools() -> None:
    repositories = loaded(".pre-commit-config.yaml")["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    entries = [hook["entry"] for repository in repositories for hook in repository["hooks"]]
    checks = re.findall(r"^\t((?:ruff|mypy) .*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert [entry.removesuffix(" --force-exclude") for entry in entries] == [f".venv/bin/{check}" for check in checks]


@pytest.mark.parametrize("autocrlf", ["true", "input", "false"])
def test_scripts_keep_their_line_ends_wherever_they_are_cloned(tmp_path: Path, autocrlf: str) -> None:
    def git(*arguments: str) -> None:
        settings = ["-c", f"core.autocrlf={autocrlf}"]
        subprocess.run(["git", *settings, *arguments], cwd=tmp_path, check=True, capture_output=True)  # noqa: S603, S607

    for file in (".gitattributes", "sms"):
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    git("init", "--quiet")
    git("add", ".")
    (tmp_path / "sms").unlink()
    git("checkout-index", "--all", "--force")
    assert (tmp_path / "sms").read_bytes() == (ROOT / "sms").read_bytes()
    assert b"\r" not in (tmp_path / "sms").read_bytes()
