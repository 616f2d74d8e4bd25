from pathlib import Path

import pytest

from bench.__main__ import main
from bench.counting import NoValgrindError, counted, valgrind

LOG = "==7== \n==7== I   refs:      1,306,294,982\n"


def test_the_count_is_valgrinds() -> None:
    assert counted("Hello\n" + LOG) == 1306294982


@pytest.mark.parametrize("log", ["", "==7== I refs:\n", "Segmentation fault\n"])
def test_a_missing_count_is_not_zero(log: str) -> None:
    with pytest.raises(ValueError, match="printed no count"):
        counted(log)


def test_a_missing_valgrind_is_reported_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoValgrindError, match=r"^[^.]*\.$"):
        valgrind()


def test_the_bench_ends_at_once_without_valgrind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_an_unknown_contestant_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "ours,nobody"])
    assert "unknown contestants: nobody;" in capsys.readouterr().err
