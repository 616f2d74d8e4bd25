from pathlib import Path

import pytest

from bench.__main__ import main
from bench.counting import NoValgrindError, counted, valgrind

SAID = "==7== \n==7== I   refs:      1,306,294,982\n"


def test_the_count_is_what_valgrind_says() -> None:
    assert counted("Hello\n" + SAID) == 1306294982


@pytest.mark.parametrize("said", ["", "==7== I refs:\n", "Segmentation fault\n"])
def test_no_count_is_not_taken_for_zero(said: str) -> None:
    with pytest.raises(ValueError, match="did not tell"):
        counted(said)


def test_a_missing_valgrind_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoValgrindError, match=r"^[^.]*\.$"):
        valgrind()


def test_the_bench_ends_at_once_without_valgrind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_stranger_is_not_measured(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "ours,nobody"])
    assert "nobody is called nobody" in capsys.readouterr().err
