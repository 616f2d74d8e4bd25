"""An operator's first day with the page, in a real browser, on the local stack."""

import json
import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page

from devstack.backend import LocalBackend
from devstack.phones import Phones
from tests.e2e.lines import Lines, fresh_number
from tests.e2e.operators import SMS, done
from tools.chromium import chromium

STAGE = "south"  # of what no stage does otherwise


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@contextmanager
def opened(browser: Browser, *options: str) -> Iterator[Page]:
    """The page as `sms dashboard` serves it, opened in the browser. A signal ends the command, with exit code 0."""
    command = [str(SMS), "--local", "--json", "dashboard", "--no-browser", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603 - our own
        try:
            assert running.stdout
            printed = "".join(iter(running.stdout.readline, "}\n")) + "}"
            url = json.loads(printed)["url"]
            with browser.new_context(locale="en-US") as view:
                page = view.new_page()
                page.goto(url)
                yield page
        finally:
            running.terminate()  # and not Ctrl-C, which whoever runs tests in the background ignores
            running.wait(30)
    assert running.returncode == 0


def came_in(page: Page, stage: str) -> int:
    """How many texts the page counts on a stage."""
    section = page.get_by_role("region", name=f"Stage {stage}")
    counted = re.search(r"(\d+) came in|none came in", section.inner_text())
    assert counted
    return int(counted[1] or 0)


def test_from_a_text_to_what_the_page_tells_of_it(
    browser: Browser, lines: Lines, phones: Phones, backend: LocalBackend
) -> None:
    tenant, person, number = "op" + secrets.token_hex(6), fresh_number(), fresh_number()
    here, token = ("--stage", STAGE, "--tenant", tenant), secrets.token_hex(16)
    options = ("--account", "AC" + secrets.token_hex(16), "--agent", "desk", "--number", number)
    answering = ("--backend", "http", "--backend-url", backend.url)
    made = done("setup", *options, *answering, "--region", STAGE, *here, typed=token + "\n")
    backend.accept(made["signing_secret"])
    lines.secret.update({made["APIKEY"], made["signing_secret"], token, person, number})
    with opened(browser, *here) as page:
        before = came_in(page, STAGE)

        done("text", "--from", person, "--to", number, "is anybody there?", *here)

        page.get_by_role("link", name="Refresh").click()
        assert came_in(page, STAGE) >= before + 1
        page.get_by_role("link", name="Credentials").click()
        assert page.get_by_role("cell", name=made["APIKEY"][-4:], exact=True).is_visible()
        assert made["APIKEY"] not in page.content()

        page.get_by_role("link", name="Doctor").click()
        page.get_by_role("button", name=f"Check stage {STAGE}").click()
        page.get_by_text("Nothing is wrong.").wait_for(timeout=120_000)
        assert page.get_by_text("signed probe: ").is_visible()
