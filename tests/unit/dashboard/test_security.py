"""Who may see the page and change something through it: negative cases, mostly."""

import re

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from dashboard.security import FORM_BYTES_MAX, HEADERS
from shared.errors import Unavailable
from tests.dashboard_site import HOST, KEY, OWN, Site, busy, cases, rules

SITE = Site(busy())
READ = cases(SITE.app, rules(SITE.app, "GET"))
POSTED = cases(SITE.app, rules(SITE.app, "POST"))
FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    "another port of this computer": {"Origin": "http://127.0.0.1:9", "Sec-Fetch-Site": "same-site"},
    "another scheme": {"Origin": f"https://{HOST}"},
    "the same beginning": {"Origin": f"http://{HOST}.evil.example"},
    "a user's name before the host": {"Origin": f"http://{HOST}@evil.example"},
    "an opaque origin": {"Origin": "null"},
    "no origin": {},
    "an empty origin": {"Origin": ""},
    "the name that it was not asked by": {"Origin": "http://localhost:8123"},
    "a request that the browser calls foreign": {**OWN, "Sec-Fetch-Site": "cross-site"},
    "a request that the browser calls of the same site only": {**OWN, "Sec-Fetch-Site": "same-site"},
    "an address that was typed": {**OWN, "Sec-Fetch-Site": "none"},
}


def closed(answer: TestResponse) -> bool:
    return answer.status_code == 403 and "This page is closed" in answer.text and "sms dashboard" in answer.text


@pytest.fixture
def site() -> Site:
    return Site(busy())


@pytest.fixture
def stranger(site: Site) -> FlaskClient:
    return site.stranger()


@pytest.mark.parametrize("path", READ)
def test_nothing_can_be_read_without_the_key(path: str) -> None:
    assert closed(SITE.stranger().get(path, base_url=f"http://{HOST}"))


@pytest.mark.parametrize("path", POSTED)
def test_nothing_can_be_posted_without_the_key(path: str) -> None:
    assert closed(SITE.stranger().post(path, base_url=f"http://{HOST}", headers=OWN))


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("path", POSTED)
def test_nobody_but_the_page_itself_can_post(path: str, headers: dict[str, str]) -> None:
    answer = SITE.post(path, headers=headers)
    assert closed(answer)
    assert "nothing was done" in answer.text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_need_the_page_itself_too(site: Site, method: str) -> None:
    assert site.client.open("/credentials/", method=method, base_url=f"http://{HOST}").status_code == 403


@pytest.mark.parametrize(
    "key", ["", "x", KEY[:-1], KEY + "x", KEY.upper(), f" {KEY}", "ключ", "%00", KEY * 100], ids=repr
)
def test_a_wrong_key_opens_nothing(stranger: FlaskClient, key: str) -> None:
    answer = stranger.get("/open", query_string={"key": key}, base_url=f"http://{HOST}")
    assert closed(answer)
    assert "Set-Cookie" not in answer.headers


@given(st.text(max_size=60))
def test_no_other_cookie_opens_anything(value: str) -> None:
    stranger = SITE.stranger()
    cookie = re.sub(r"[^\x21-\x7e]|[;,\"\\]", "", value)
    stranger.set_cookie("sms_dashboard_8123", cookie, domain="127.0.0.1")
    assert closed(stranger.get("/credentials/", base_url=f"http://{HOST}")) is (cookie != KEY)


def test_the_key_of_another_port_opens_nothing(stranger: FlaskClient) -> None:
    stranger.set_cookie("sms_dashboard_8124", KEY, domain="127.0.0.1")
    assert closed(stranger.get("/credentials/", base_url=f"http://{HOST}"))


def test_the_key_in_a_url_opens_no_page_but_the_one_that_takes_it(stranger: FlaskClient) -> None:
    assert closed(stranger.get("/credentials/", query_string={"key": KEY}, base_url=f"http://{HOST}"))


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8123", "127.0.0.1", "127.0.0.1:80", "localhost", "[::1]:8123", "127.0.0.1:8123.x"],
)
@pytest.mark.parametrize("path", ["/credentials/", f"/open?key={KEY}", "/static/style.css"])
def test_a_name_that_leads_here_from_elsewhere_sees_nothing(site: Site, host: str, path: str) -> None:
    answer = site.get(path, headers={"Host": host, "Cookie": f"sms_dashboard_8123={KEY}"})
    assert closed(answer)


def test_the_key_moves_from_the_url_into_a_cookie_that_scripts_cannot_read(stranger: FlaskClient) -> None:
    answer = stranger.get("/open", query_string={"key": KEY}, base_url=f"http://{HOST}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    parts = set(answer.headers["Set-Cookie"].split("; "))
    assert parts == {f"sms_dashboard_8123={KEY}", "HttpOnly", "Path=/", "SameSite=Strict"}
    assert stranger.get("/credentials/", base_url=f"http://{HOST}").status_code == 200


def test_the_other_name_of_this_computer_works_too(stranger: FlaskClient) -> None:
    here = "http://localhost:8123"
    assert stranger.get("/open", query_string={"key": KEY}, base_url=here).status_code == 303
    assert stranger.get("/credentials/", base_url=here).status_code == 200
    posted = stranger.post("/reveal", base_url=here, data={"back": "/credentials/"}, headers={"Origin": here})
    assert posted.status_code == 303


@pytest.mark.parametrize("path", [*READ, "/open?key=wrong", "/static/style.css", "/nowhere", "/dashboard/?period=x"])
def test_every_answer_says_what_a_browser_may_do_with_it(path: str) -> None:
    assert dict(SITE.get(path).headers).items() >= HEADERS.items()


def test_what_is_kept_of_the_policy_is_what_was_decided() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", READ)
def test_no_page_has_the_key_or_anything_that_the_policy_forbids(path: str) -> None:
    text = SITE.get(path).text
    assert KEY not in text
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:|\bhx-on|\bhx-vals=.js", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("path", READ)
def test_a_head_or_a_get_changes_nothing(path: str) -> None:
    site = Site(busy())
    for method in ("GET", "HEAD"):
        site.client.open(path, method=method, base_url=f"http://{HOST}")
    assert site.command.audit.kept == []
    assert site.command.store.written == 0


def test_a_form_that_is_too_large_is_refused_with_a_sentence(site: Site) -> None:
    answer = site.post("/reveal", {"back": "x" * (FORM_BYTES_MAX + 1)})
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_a_failure_is_the_commands_sentence(site: Site) -> None:
    site.command.store.failing = Unavailable("the tenant could not be read")
    answer = site.get("/credentials/")
    assert answer.status_code == 503
    assert "the tenant could not be read" in answer.text


def test_what_was_not_foreseen_shows_nothing_of_itself(site: Site) -> None:
    def broken() -> object:
        return dict[str, str]()["+12025550123 said hello"]

    site.command.store.after_read = broken
    answer = site.get("/credentials/")
    assert answer.status_code == 500
    assert "Something unexpected went wrong" in answer.text
    for shown in (answer.text, *site.reports):
        assert "0123" not in shown
        assert "Traceback" not in shown
    (report,) = site.reports
    assert report.startswith("The page met a defect, KeyError in operations.operator, line ")


@pytest.mark.parametrize(
    "wrong",
    ["https://evil.example/", "//evil.example/", "\\\\evil.example", "", "evil", "/\\evil", "/ok\n//evil", "/\t/evil"],
)
def test_showing_whole_numbers_leads_to_no_other_site(site: Site, wrong: str) -> None:
    assert site.post("/reveal", {"back": wrong}).status_code == 400
    assert site.command.audit.kept == []


@pytest.mark.parametrize("query", ["stage=west", "stage=%3Cscript%3E", "tenant=../x", "tenant=%3Cb%3E"])
def test_a_choice_that_does_not_exist_is_a_sentence_and_no_markup(site: Site, query: str) -> None:
    answer = site.get(f"/credentials/?{query}")
    assert answer.status_code == 422
    assert "<b>" not in answer.text
    assert "<script>" not in answer.text
