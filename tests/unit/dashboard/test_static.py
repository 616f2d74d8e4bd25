"""What the page serves of other people's: exactly what they published."""

import pytest

from tests.unit.project.test_architecture import ROOT

STATIC = ROOT / "dashboard" / "static"
HTMX = ROOT / "node_modules" / "htmx.org"


@pytest.mark.parametrize(("ours", "theirs"), [("htmx.min.js", "dist/htmx.min.js"), ("htmx.LICENSE", "LICENSE")])
def test_htmx_is_the_file_of_its_package(ours: str, theirs: str) -> None:
    assert (STATIC / ours).read_bytes() == (HTMX / theirs).read_bytes()


def test_the_style_sheet_loads_nothing_from_elsewhere() -> None:
    assert not {word for word in ("url(", "@import", "http") if word in (STATIC / "style.css").read_text()}
