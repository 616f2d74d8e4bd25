"""Each page there is, also one that is new, in a real browser: usable by everybody, with and without scripts."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

from dashboard.server import ServedPage
from tests.browser.axe import AXE
from tests.browser.conftest import serving_world_of
from tests.dashboard_site import Site, busy, cases, rules, url

SITE = Site(busy())
SEEN = [rule for rule in rules(SITE.app, "GET") if SITE.get(url(SITE.app, rule)).mimetype == "text/html"]
PAGES = cases(SITE.app, SEEN)  # and no files to download
VIEWS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 360, "height": 740}, "has_touch": True},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
}
SERVER_ERROR = 500


@pytest.fixture(params=VIEWS)
def context(request: pytest.FixtureRequest, browser: Browser, served: ServedPage) -> Iterator[BrowserContext]:
    """A browser that has the key."""
    view = browser.new_context(locale="en-US", **VIEWS[request.param])
    view.new_page().goto(served.url)
    yield view
    view.close()


@pytest.fixture
def without_scripts(browser: Browser, served: ServedPage) -> Iterator[Page]:
    view = browser.new_context(locale="en-US", java_script_enabled=False)
    page = view.new_page()
    page.goto(served.url)
    yield page
    view.close()


@pytest.mark.parametrize("path", PAGES)
def test_everybody_can_use_it_and_the_browser_complains_of_nothing(
    context: BrowserContext, served: ServedPage, path: str
) -> None:
    page = context.new_page()
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "the server responded with a status of 404" not in message.text:
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(served.address + path)
    assert not problems(page)
    assert page.evaluate("typeof htmx") == "object"
    assert not complaints
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("window.innerWidth"), f"{path} is {width} pixels wide"


def problems(page: Page) -> str:
    """What keeps people from using the page, by axe's rules; empty for nothing."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    violations = [(violation["id"], [node["html"] for node in violation["nodes"]]) for violation in found["violations"]]
    return json.dumps(violations, indent=1) if violations else ""


def submit(page: Page, form: Locator) -> None:
    """Sends a form as it is, also when the browser would ask for more; what comes back must be a page of ours."""
    with page.expect_response(lambda answer: answer.request.resource_type == "document") as first:
        form.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    assert first.value.status < SERVER_ERROR
    page.wait_for_load_state()
    assert page.locator("h1").inner_text()
    assert not problems(page)


@pytest.mark.parametrize("path", PAGES)
def test_whatever_its_forms_lead_to_can_be_used_too(browser: Browser, path: str) -> None:
    """Refusals, questions before a change, and what follows it. Each form has a world of its own, for it changes it."""
    place, forms = 0, 1
    while place < forms:
        with serving_world_of(busy()) as served, browser.new_context(locale="en-US") as view:
            page = view.new_page()
            page.goto(served.url)
            page.goto(served.address + path)
            forms = page.locator("form[method=post]").count()
            if place < forms:
                submit(page, page.locator("form[method=post]").nth(place))
                question = page.locator("form:has(button.danger)")
                if question.count() == 1:
                    submit(page, question)
        place += 1


@pytest.mark.parametrize("path", PAGES)
def test_it_works_without_scripts(without_scripts: Page, served: ServedPage, path: str) -> None:
    page = without_scripts
    page.goto(served.address + path)
    assert page.locator("h1").inner_text()
    page.get_by_label("Stage", exact=True).select_option("south")
    page.get_by_role("button", name="Show", exact=True).click()
    assert "stage=south" in page.url
    assert page.get_by_label("Stage", exact=True).input_value() == "south"
    for link in page.get_by_role("navigation").get_by_role("link").all():
        assert "stage=south" in (link.get_attribute("href") or "")


@pytest.mark.parametrize("path", PAGES)
def test_each_field_has_a_label_and_each_form_a_button(without_scripts: Page, served: ServedPage, path: str) -> None:
    page = without_scripts
    page.goto(served.address + path)
    for field in page.locator("input:not([type=hidden]), select, textarea").all():
        named = field.get_attribute("aria-label") or field.get_attribute("id")
        labels = page.locator(f'label[for="{named}"]').count() or field.locator("xpath=ancestor::label").count()
        assert labels or field.get_attribute("aria-label"), field.evaluate("element => element.outerHTML")
    for form in page.locator("form").all():
        assert form.get_by_role("button").count()


@pytest.mark.parametrize("path", PAGES)
def test_the_keyboard_reaches_the_content_first(browser: Browser, served: ServedPage, path: str) -> None:
    with browser.new_context(locale="en-US") as view:
        page = view.new_page()
        page.goto(served.url)
        page.goto(served.address + path)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_on_a_phone_the_navigation_opens_by_a_button(browser: Browser, served: ServedPage) -> None:
    with browser.new_context(locale="en-US", **VIEWS["phone"]) as view:
        page = view.new_page()
        page.goto(served.url)
        menu = page.get_by_role("navigation", name="Pages")
        assert not menu.is_visible()
        page.get_by_text("Menu", exact=True).click()
        assert menu.is_visible()
