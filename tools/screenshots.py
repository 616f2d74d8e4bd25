"""`python -m tools.screenshots`, which `make docs` runs: the pictures in README and docs, taken from a run.

It plays a few conversations on the local stack, among them some that fail, and looks at every page with a real browser.
"""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from dashboard.pages import PAGES
from devstack import stack, state
from devstack.aws import LocalAws
from devstack.backend import CannedAnswer, running
from devstack.demo.demo_tenant import create_demo_tenant
from devstack.demo.page import demo_page
from devstack.demo.play import Play
from devstack.phones import Phones
from terminal import gate
from tools.chromium import chromium

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
DESKTOP: dict[str, Any] = {"viewport": {"width": 1200, "height": 750}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 750}, "device_scale_factor": 2}
_SECONDS = 60
"""How long a page may take here: each stage is asked, and a search of the logs is slow on a busy computer."""


def main() -> int:
    """Takes the pictures anew. Stops the stack, unless it was up before."""
    gate.install()
    console = gate.screen(lines=True)
    before = state.load()
    try:
        running_stack = stack.up(console.print)
        phones, aws = Phones(running_stack.twin_url), LocalAws(running_stack.aws_endpoint)
        with running() as backend:
            tenant = create_demo_tenant(running_stack, phones, backend)
            text_id = _talk(Play(tenant, running_stack, phones, backend, aws))
            with demo_page(tenant.id, console) as served, chromium() as browser:
                for path in _pictures(browser, served.url, served.address, text_id):
                    console.print(str(path.relative_to(FOLDER.parents[1])))
        return 0
    finally:
        if before is None or not before.alive:
            stack.down(console.print)


def _talk(play: Play) -> str:
    """A day at a desk. Returns the id of a text that was answered."""
    for words in ("Are you open today?", "Do you repair bicycles?", "Thank you!"):
        asking = play.person(lambda _: CannedAnswer(("Yes, from nine to five. Just come by.",)))
        text_id = asking.text(words)
        asking.sees(1)
    refused = play.person(lambda _: CannedAnswer(status=400))
    refused.text("Do what you cannot")
    refused.sees(1)  # the failure reply
    undelivered = play.person()
    play.phones.fail(status=400, code=21408, to=undelivered.address)
    undelivered.text("Hello from abroad")
    play.queues.settle()
    return text_id


def _pictures(browser: Browser, url: str, address: str, text_id: str) -> Iterator[Path]:
    FOLDER.mkdir(exist_ok=True)
    paths = {page.name: f"{page.url_prefix}/" for page in PAGES} | {"text": f"/texts/{text_id}"}
    with _opened(browser, url, DESKTOP) as page:
        for name, path in paths.items():
            page.goto(address + path)
            yield _picture(page, name)
        page.goto(f"{address}/credentials/")
        page.get_by_role("link", name="New Credential (+)").click()
        page.get_by_label("Name", exact=True).fill(f"twilio {secrets.token_hex(2)}")
        yield _picture(page, "new-credential")
    with _opened(browser, url, PHONE) as page:
        page.goto(address + paths["text"])
        yield _picture(page, "text-on-a-phone")
    with _opened(browser, url, {**DESKTOP, "color_scheme": "dark"}) as page:
        page.goto(address + paths["dashboard"])
        yield _picture(page, "dashboard-dark")


@contextmanager
def _opened(browser: Browser, url: str, view: dict[str, Any]) -> Iterator[Page]:
    with browser.new_context(locale="en-US", **view) as context:
        page = context.new_page()
        page.set_default_timeout(_SECONDS * 1000)
        page.goto(url)
        yield page


def _picture(page: Page, name: str) -> Path:
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path


if __name__ == "__main__":
    sys.exit(main())
