"""An operator's first day with the page, in a real browser, on the local stack."""

import json
import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page

from devstack.backend import LocalBackend
from devstack.phones import Phones
from tests.e2e.lines import Lines, fresh_number
from tests.e2e.operators import SMS, done
from tests.e2e.waiting import until
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


FORMER = "https://other.example.com/texts"


def row(page: Page, *texts: str) -> Locator:
    """The row of a table that has all of these."""
    found = page.get_by_role("row")
    for text in texts:
        found = found.filter(has_text=text)
    return found


def open_page(page: Page, name: str) -> None:
    """Follows a link of the navigation."""
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
    page.get_by_role("heading", level=1, name=name).wait_for()


def test_a_first_day_from_a_credential_to_what_became_of_a_text(browser: Browser, lines: Lines, phones: Phones) -> None:
    """Nothing but the page, once the tenant and its account at Twilio are there."""
    tenant, person, number = "op" + secrets.token_hex(6), fresh_number(), fresh_number()
    here, account, token = ("--stage", STAGE, "--tenant", tenant), "AC" + secrets.token_hex(16), secrets.token_hex(16)
    phones.set_account(account, auth_token=token)
    phones.set_number(number, account=account, webhook=FORMER)
    done("tenant", "create", tenant, "--stage", STAGE)
    done("twilio", "set-account", account, *here, typed=token + "\n")
    lines.secret.update({token, person, number})
    with opened(browser, *here) as page:
        open_page(page, "Credentials")
        page.get_by_role("link", name="New Credential (+)").click()
        page.get_by_label("Name", exact=True).fill("our program")
        page.get_by_role("button", name="Add").click()
        made = json.loads(page.locator("textarea.secret").input_value())
        lines.secret.update({made["APIKEY"], made["APIKEY"].rpartition("_")[2]})
        assert (made["tenant"], made["role"]) == (tenant, "Writer")
        page.reload()
        assert made["APIKEY"] not in page.content()
        assert row(page, "our program", "Writer", made["APIKEY"][-4:]).is_visible()

        open_page(page, "Agents")
        page.get_by_role("link", name="New agent").click()
        page.get_by_label("Name", exact=True).fill("front desk")
        page.get_by_label("Region", exact=True).select_option(STAGE)
        page.get_by_label("Kind of backend", exact=True).select_option("echo")
        page.get_by_role("button", name="Make it").click()
        open_page(page, "Numbers")
        page.get_by_role("textbox", name="Numbers").fill(number)
        page.get_by_role("button", name="Assign").click()
        page.get_by_role("checkbox", name=number).check()
        page.get_by_role("button", name="Connect…", exact=True).click()
        assert FORMER in page.content()
        page.get_by_role("button", name="Connect", exact=True).click()
        page.get_by_text("Numbers that are connected: 1.").wait_for()

        sid = phones.text(sender=person, to=number, body="is anybody there?")["message_sid"]
        screen = phones.wait(person, lambda messages: [message["status"] for message in messages] == ["delivered"])
        assert [message["body"] for message in screen] == ["is anybody there?"]

        open_page(page, "Texts")

        def is_told() -> bool:
            page.reload()
            return row(page, sid).filter(has_text="arrived").count() > 0

        assert until(is_told, within_seconds=60), page.get_by_role("main").inner_text()
        page.get_by_role("link", name=sid).click()
        for event in ("Accepted", "Answered", "Sent", "Delivered"):
            row(page, event).first.wait_for(timeout=60_000)  # the page renews itself, and log lines come late
        assert person not in page.content()

        open_page(page, "Audit")
        for what in ("credential.create", "agent.create", "number.assign", "number.connect", "number.set_webhooks"):
            assert row(page, what).first.is_visible(), what
        assert number not in page.content()
