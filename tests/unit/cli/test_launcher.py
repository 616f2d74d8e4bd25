import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def run(launcher: Path, *args: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - ours
        [launcher, *args], check=False, capture_output=True, text=True, cwd=cwd, env=os.environ | more
    )


def test_says_what_to_do_when_nothing_is_set_up(tmp_path: Path) -> None:
    shutil.copy(ROOT / "sms", tmp_path / "sms")
    done = run(tmp_path / "sms", "--help", cwd=tmp_path)
    assert done.returncode == 1
    assert "run `make setup` first" in done.stderr


def test_works_from_any_folder_and_through_a_link_and_takes_nothing_from_there(tmp_path: Path) -> None:
    (tmp_path / "cli.py").write_text("raise SystemExit('the wrong cli')", encoding="utf-8")
    (tmp_path / "link").symlink_to(ROOT / "sms")
    done = run(tmp_path / "link", "tenant", "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "link tenant" in done.stdout


def test_completes_commands_and_options_under_the_name_by_which_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "texts").symlink_to(ROOT / "sms")
    told = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}  # else it looks at what shell runs the tests
    shown = run(tmp_path / "texts", "--show-completion", "bash", cwd=tmp_path, **told)
    assert "_TEXTS_COMPLETE=complete_bash" in shown.stdout
    assert "complete -o default -F _texts_completion texts" in shown.stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("sms par", {"parked"}),
        ("sms parked re", {"redrive", "replay"}),
        ("sms credential create --ro", {"--role"}),
        ("sms tail --sta", {"--stage"}),
        ("sms nothing", set()),
    ],
)
def test_tab_offers_what_may_follow(words: str, offered: set[str], tmp_path: Path) -> None:
    asked = {"_SMS_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    done = run(ROOT / "sms", cwd=tmp_path, **asked)
    assert set(done.stdout.split()) == offered
    assert done.stderr == ""


def test_subcommands_do_not_show_the_options_of_completion(tmp_path: Path) -> None:
    assert "completion" in run(ROOT / "sms", "--help", cwd=tmp_path).stdout
    assert "completion" not in run(ROOT / "sms", "tail", "--help", cwd=tmp_path).stdout


# What makes a start slow and no command of an operator needs, or only when it is at work.
SLOW = ("aws_lambda_powertools", "cfnlint", "flask", "hypothesis", "jsonschema", "matplotlib", "pytest", "twin", "yaml")


def test_starts_without_what_no_operator_needs() -> None:
    question = f"import sys, cli.app; print([name for name in {SLOW} if name in sys.modules])"
    done = run(ROOT / ".venv" / "bin" / "python", "-c", question, cwd=ROOT)
    assert done.stdout.strip() == "[]", f"the command imports {done.stdout.strip()}, which every start waits for"
