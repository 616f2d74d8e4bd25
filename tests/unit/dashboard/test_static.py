"""What the page serves of other people's: exactly what they published."""

import pytest

from tests.dashboard_site import Site, busy
from tests.unit.project.test_architecture import ROOT

STATIC = ROOT / "dashboard" / "static"
HTMX = ROOT / "node_modules" / "htmx.org"


@pytest.mark.parametrize(("ours", "theirs"), [("htmx.min.js", "dist/htmx.min.js"), ("htmx.LICENSE", "LICENSE")])
def test_htmx_is_the_file_of_its_package(ours: str, theirs: str) -> None:
    assert (STATIC / ours).read_bytes() == (HTMX / theirs).read_bytes()


def test_the_style_sheet_loads_nothing_from_elsewhere() -> None:
    assert not {word for word in ("url(", "@import", "http") if word in (STATIC / "style.css").read_text()}


@pytest.mark.parametrize(("name", "kind"), [("style.css", "text/css"), ("htmx.min.js", "text/javascript")])
def test_serves_style_and_scripts(name: str, kind: str) -> None:
    answer = Site(busy()).get(f"/static/{name}")
    assert (answer.status_code, answer.mimetype) == (200, kind)
    assert answer.data == (STATIC / name).read_bytes()


@pytest.mark.parametrize("path", ["nothing.css", "../app.py", "%2e%2e/app.py", "..%2fapp.py", "%2fetc%2fpasswd", "."])
def test_serves_nothing_else(path: str) -> None:
    answer = Site(busy()).get(f"/static/{path}")
    assert answer.status_code == 404
    assert "import" not in answer.text
