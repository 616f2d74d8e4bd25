"""A new credential in a real browser: its key is shown once, and copied with a button or by selecting."""

import json

from playwright.sync_api import Browser, expect

from dashboard.server import ServedPage


def test_a_key_is_copied_with_the_button_and_gone_when_the_page_is_loaded_again(
    browser: Browser, served: ServedPage
) -> None:
    view = browser.new_context(locale="en-US", permissions=["clipboard-read", "clipboard-write"])
    page = view.new_page()
    page.goto(served.url)
    page.get_by_role("link", name="Credentials").click()
    page.get_by_role("link", name="New Credential (+)").click()
    page.get_by_label("Name").fill("one")
    page.get_by_label("Role").select_option("Writer")
    page.get_by_role("button", name="Add").click()
    secret = page.get_by_label("Keep this now")
    key = json.loads(secret.input_value())["APIKEY"]
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    assert json.loads(page.evaluate("navigator.clipboard.readText()"))["APIKEY"] == key
    page.reload()
    assert key not in page.content()
    view.close()


def test_a_browser_that_does_not_let_it_copy_selects_it(browser: Browser, served: ServedPage) -> None:
    view = browser.new_context(locale="en-US")
    page = view.new_page()
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    page.goto(served.url)
    page.goto(f"{served.address}/credentials/new")
    page.get_by_label("Name").fill("two")
    page.get_by_role("button", name="Add").click()
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("button", name="Selected: copy it with the keyboard")).to_be_visible()
    selected = page.evaluate("document.getElementById('secret').selectionEnd")
    assert selected == len(page.get_by_label("Keep this now").input_value())
    view.close()


def test_without_scripts_there_is_no_button_that_does_nothing(browser: Browser, served: ServedPage) -> None:
    view = browser.new_context(locale="en-US", java_script_enabled=False)
    page = view.new_page()
    page.goto(served.url)
    page.goto(f"{served.address}/credentials/new")
    page.get_by_label("Name").fill("by hand")
    page.get_by_role("button", name="Add").click()
    assert "APIKEY" in page.get_by_label("Keep this now").input_value()
    expect(page.get_by_role("button", name="Copy", exact=True)).to_have_count(0)
    view.close()
