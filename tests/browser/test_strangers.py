"""What other sites, and other programs on this computer, can do to the page through the operator's own browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page

from dashboard.server import ServedPage
from tests.unit.cli.command import Command


@contextmanager
def foreign_site(html: str) -> Iterator[int]:
    """A page of somebody else's on another port; yields the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            """Logs nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def page(browser: Browser, served: ServedPage) -> Iterator[Page]:
    """The operator's browser, which has the key."""
    with browser.new_context(locale="en-US") as view:
        opened = view.new_page()
        opened.goto(served.url)
        yield opened


def form(served: ServedPage) -> str:
    return (
        f'<form method="post" action="{served.address}/reveal"><input name="back" value="/credentials/">'
        "<button>Win a prize</button></form>"
    )


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_form_of_another_site_changes_nothing(page: Page, served: ServedPage, command: Command, name: str) -> None:
    """On 127.0.0.1 the browser even sends the cookie along: it is the same site, on another port."""
    with foreign_site(form(served)) as port:
        page.goto(f"http://{name}:{port}/")
        page.get_by_role("button").click()
        page.wait_for_url(f"{served.address}/reveal")
        assert "This page is closed" in page.content()
    assert command.audit.kept == []


def test_a_form_of_the_page_itself_does(page: Page, command: Command, served: ServedPage) -> None:
    page.goto(f"{served.address}/credentials/")
    with page.expect_navigation(url=f"{served.address}/credentials/"):
        page.evaluate(
            "() => { const form = document.createElement('form'); form.method = 'post'; form.action = '/reveal';"
            "form.innerHTML = '<input name=back value=/credentials/>'; document.body.append(form); form.submit(); }"
        )
    assert [line["what"] for line in command.audit.kept] == ["page.reveal"]


def test_a_script_of_another_site_can_neither_read_nor_change(page: Page, served: ServedPage, command: Command) -> None:
    with foreign_site("<title>evil</title>") as port:
        page.goto(f"http://127.0.0.1:{port}/")
        for options in ("{credentials: 'include'}", "{method: 'POST', credentials: 'include', body: 'back=/x'}"):
            outcome = page.evaluate(
                f"fetch('{served.address}/reveal', {options}).then(answer => answer.text(), error => 'refused')"
            )
            assert outcome == "refused"
    assert command.audit.kept == []


def test_another_site_cannot_frame_it(page: Page, served: ServedPage) -> None:
    with foreign_site(f'<iframe src="{served.address}/credentials/"></iframe>') as port:
        page.goto(f"http://127.0.0.1:{port}/")
        assert "Credentials" not in "".join(frame.content() for frame in page.frames)


def test_a_link_from_another_site_opens_nothing(page: Page, served: ServedPage) -> None:
    with foreign_site(f'<a href="{served.address}/credentials/">look</a>') as port:
        page.goto(f"http://localhost:{port}/")
        page.get_by_role("link").click()
        page.wait_for_url(f"{served.address}/credentials/")
        assert "This page is closed" in page.content()


def test_no_script_can_read_the_key_and_no_later_url_has_it(page: Page, served: ServedPage) -> None:
    key = served.url.partition("key=")[2]
    assert page.evaluate("document.cookie") == ""
    assert key not in page.url
    assert key not in page.content()
    assert page.evaluate("performance.getEntries().map(entry => entry.name).join()").count(key) == 0


def test_markup_that_got_in_somehow_runs_no_script(page: Page, served: ServedPage) -> None:
    page.goto(f"{served.address}/credentials/")
    page.evaluate(
        "() => { document.body.insertAdjacentHTML('beforeend',"
        '\'<img src=x onerror="window.ran = 1"><div hx-on:click="window.ran = 1" id=evil>x</div>\');'
        "htmx.process(document.body); document.getElementById('evil').click(); }"
    )
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.ran") is None
