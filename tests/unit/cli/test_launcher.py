import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]


def run(launcher: Path, *args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([launcher, *args], check=False, capture_output=True, text=True, cwd=cwd, env=os.environ)  # noqa: S603 - ours


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
    assert "sms tenant" in done.stdout
