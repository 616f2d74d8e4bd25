"""The page of numbers: what changes is shown first, beside what is, and only that is done."""

import html
import io
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse, encode_multipart

from shared.tenants.connection import Webhooks
from tests.dashboard_site import HOST, OWN, Site, busy
from tests.e2e.waiting import until
from tests.fakes import DESK, OUR_NUMBER, managed_tenant
from tests.numbers_fakes import number_at_twilio

NEW, SECOND = "+12025550188", "+12025550177"
CSV = f"number,description\n{NEW},=front desk\n{OUR_NUMBER},Köln\n"


@pytest.fixture
def site() -> Site:
    return Site(busy())


def upload(site: Site, data: bytes, **fields: str) -> TestResponse:
    """Posts a file as a browser does."""
    form: dict[str, Any] = {"agent": "desk", **fields, "file": (io.BytesIO(data), "numbers.csv")}
    return site.client.post("/numbers/import", base_url=f"http://{HOST}", data=form, headers=OWN)


def hidden(answer: TestResponse) -> dict[str, str]:
    """What the last form of a page posts without being asked."""
    form = answer.text.rpartition("<form ")[2]
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    return {name: value.replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&") for name, value in fields}


def worked(site: Site, answer: TestResponse) -> str:
    """The page of the work that an answer began, when it has ended."""
    assert answer.status_code == 303, answer.text
    shown = ""

    def has_ended() -> bool:
        nonlocal shown
        shown = site.get(answer.headers["Location"]).text
        return 'role="status">Done.' in shown or 'role="alert"' in shown

    assert until(has_ended, within_seconds=30)
    return shown


def held(site: Site) -> list[str]:
    return site.command.store.numbers_of("desk")


def test_numbers_are_listed_with_their_agents_and_descriptions_and_searched(site: Site) -> None:
    site.command.store.hold(NEW, description="<b>front</b> desk")
    shown = site.get("/numbers/").text
    assert OUR_NUMBER in shown
    assert "&lt;b&gt;front&lt;/b&gt; desk" in shown
    for query, numbers in {"search=FRONT": [NEW], "search=0188": [NEW], "agent=desk": [NEW, OUR_NUMBER]}.items():
        found = site.get(f"/numbers/?{query}").text
        assert [number for number in (NEW, OUR_NUMBER) if number in found] == numbers
    assert "There is no such number." in site.get("/numbers/?search=nowhere").text


def test_long_lists_come_a_page_at_a_time(site: Site) -> None:
    numbers = [f"+1202556{last:04}" for last in range(120)]
    for number in numbers:
        site.command.store.hold(number, description="many")
    seen, path = list[str](), "/numbers/?search=many"
    while path:
        shown = site.get(path).text
        seen += re.findall(r'name="number" value="([^"]+)"', shown)
        links = re.findall(r'<a href="([^"]+)" rel="next">', shown)
        path = links[0].replace("&amp;", "&") if links else ""
    assert seen == numbers


def test_numbers_are_given_to_an_agent_however_they_are_typed(site: Site) -> None:
    form = {"numbers": f"(202) 555-0188\n{SECOND}", "agent": "desk", "description": "front"}
    shown = site.followed(site.post("/numbers/", form))
    assert "has 2 of these numbers" in shown
    assert held(site) == [SECOND, NEW, OUR_NUMBER]
    assert site.command.store.descriptions == {NEW: "front", SECOND: "front"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"numbers": "12"}, "too few digits"),
        ({"numbers": f"{SECOND}, front desk"}, "line 1 has more than a number"),
        ({"numbers": ""}, "choose at least one number"),
        ({"description": "x" * 65}, "longer than 64"),
        ({"agent": "nobody"}, "no agent &#39;nobody&#39;"),
    ],
)
def test_what_cannot_be_assigned_is_said_beside_what_was_typed(changes: dict[str, str], why: str, site: Site) -> None:
    answer = site.post("/numbers/", {"numbers": NEW, "agent": "desk", "description": "", **changes})
    assert answer.status_code == 422
    assert why in answer.text
    assert (NEW in answer.text) == ("numbers" not in changes)
    assert held(site) == [OUR_NUMBER]


def test_a_list_behind_a_refusal_is_searched_and_goes_on(site: Site) -> None:
    for last in range(60):
        site.command.store.hold(f"+1202556{last:04}")
    refused = site.post("/numbers/", {"numbers": "12", "agent": "desk"}).text
    actions = re.findall(r'<form method="get" action="([^"]*)"', refused)
    links = re.findall(r'<a href="([^"]*)" rel="next"', refused)
    assert (len(actions), len(links)) == (2, 1)
    assert [site.get(html.unescape(path)).status_code for path in actions + links] == [200, 200, 200]


def test_a_number_that_somebody_else_has_is_named_and_the_others_given(site: Site) -> None:
    site.command.store.create(managed_tenant(id="zeta"))
    site.command.store.hold(NEW, tenant_id="zeta")
    form = {"numbers": f"{NEW}\n{SECOND}", "agent": "desk"}
    shown = site.followed(site.post("/numbers/?tenant=acme", form))
    assert f"{NEW}: tenant &#39;zeta&#39; has this number" in shown
    assert "has 1 of these numbers" in shown


def test_connecting_shows_what_is_beside_what_will_be_and_does_it_when_confirmed(site: Site) -> None:
    before = site.command.numbers.numbers[OUR_NUMBER]
    answer = site.post("/numbers/connect", {"number": OUR_NUMBER})
    assert answer.status_code == 200
    assert "https://***@other.example.com/texts?…" in answer.text
    assert "apikey:***@a1.execute-api" in answer.text
    assert site.command.numbers.numbers[OUR_NUMBER] == before
    assert site.command.directory.kept == {}
    shown = worked(site, site.post("/numbers/connect", hidden(answer)))
    assert "Numbers that are connected: 1." in shown
    assert site.command.directory.kept
    key = site.command.numbers.numbers[OUR_NUMBER].webhooks.url.partition("apikey:")[2].partition("@")[0]
    assert key
    assert key not in shown + answer.text
    again = site.post("/numbers/connect", {"number": OUR_NUMBER})
    assert "There is nothing to do" in again.text


def test_what_changed_since_it_was_shown_is_not_done(site: Site) -> None:
    shown = hidden(site.post("/numbers/connect", {"number": OUR_NUMBER}))
    site.command.numbers.numbers[OUR_NUMBER] = number_at_twilio(Webhooks("https://third.example.com/"))
    answer = site.post("/numbers/connect", shown)
    assert answer.status_code == 200
    assert "Something changed since this was shown, so nothing was done." in answer.text
    assert "third.example.com" in answer.text
    assert site.command.directory.kept == {}


def test_an_import_that_would_take_more_than_was_shown_is_shown_again(site: Site) -> None:
    shown = hidden(upload(site, f"{NEW}\n".encode(), replace="yes"))
    site.command.store.hold(SECOND)
    answer = site.post("/numbers/import", shown)
    assert "Something changed since this was shown, so nothing was done." in answer.text
    assert "2 removed" in answer.text
    assert held(site) == [SECOND, OUR_NUMBER]
    site.post("/numbers/import", hidden(answer))
    assert held(site) == [NEW]


def test_numbers_that_an_agent_got_since_it_was_shown_are_not_released(site: Site) -> None:
    shown = hidden(site.post("/numbers/release", {"all": "desk"}))
    site.command.store.hold(SECOND)
    answer = site.post("/numbers/release", shown)
    assert "Something changed since this was shown, so nothing was done." in answer.text
    assert "Release 2 numbers?" in answer.text
    assert held(site) == [SECOND, OUR_NUMBER]


@pytest.mark.parametrize("path", ["/numbers/release", f"/agents/{DESK.id}/delete"])
def test_what_deletes_is_not_confirmed_without_being_shown(path: str, site: Site) -> None:
    assert site.post(path, {"all": "desk", "confirmed": "yes"}).status_code == 200
    assert held(site) == [OUR_NUMBER]


@pytest.mark.parametrize("confirmation", [{"confirmed": "yes"}, {"confirmed": "yes", "shown": "0" * 64}])
def test_a_confirmation_of_what_was_not_shown_does_nothing(confirmation: dict[str, str], site: Site) -> None:
    assert site.post("/numbers/connect", {"number": OUR_NUMBER, **confirmation}).status_code == 200
    assert site.command.directory.kept == {}


def test_all_numbers_of_an_agent_are_connected_and_disconnected_by_name(site: Site) -> None:
    worked(site, site.post("/numbers/connect", hidden(site.post("/numbers/connect", {"all": "desk"}))))
    assert site.command.directory.kept
    answer = site.post("/numbers/disconnect", {"all": "desk"})
    assert "other.example.com" in answer.text
    shown = worked(site, site.post("/numbers/disconnect", hidden(answer)))
    assert "Numbers that are disconnected: 1." in shown
    assert site.command.directory.kept == {}


@pytest.mark.parametrize("path", ["/numbers/connect", "/numbers/disconnect", "/numbers/release"])
@pytest.mark.parametrize("form", [{}, {"number": "12"}, {"number": "ACME"}, {"all": "nobody"}])
def test_without_a_number_nothing_is_done(path: str, form: dict[str, str], site: Site) -> None:
    answer = site.post(path, {**form, "confirmed": "yes"})
    assert answer.status_code in {404, 422}
    assert held(site) == [OUR_NUMBER]


def test_releasing_asks_and_says_what_becomes_of_texts(site: Site) -> None:
    worked(site, site.post("/numbers/connect", hidden(site.post("/numbers/connect", {"number": OUR_NUMBER}))))
    answer = site.post("/numbers/release", {"number": OUR_NUMBER})
    assert f"Release number {OUR_NUMBER}?" in answer.text
    assert "texts are parked as no_agent" in answer.text
    assert held(site) == [OUR_NUMBER]
    assert "Released: 1." in site.followed(site.post("/numbers/release", hidden(answer)))
    assert held(site) == []


def test_a_numbers_own_page_checks_it_and_describes_it(site: Site) -> None:
    path = f"/numbers/number?number=%2B{OUR_NUMBER[1:]}"
    shown = site.get(path).text
    assert "do not come here as they should" in shown
    assert "other.example.com" in shown
    assert "The number is described." in site.followed(site.post(path, {"description": "Köln"}))
    assert site.command.store.descriptions == {OUR_NUMBER: "Köln"}
    answer = site.post(path, {"description": "x" * 65})
    assert answer.status_code == 422
    assert "longer than 64" in answer.text
    assert site.get(f"/numbers/number?number=%2B{NEW[1:]}").status_code == 404
    assert site.get("/numbers/number?number=nonsense").status_code == 422
    assert site.get("/numbers/number").status_code == 422


def test_all_numbers_are_checked_in_the_background(site: Site) -> None:
    shown = worked(site, site.post("/numbers/check"))
    assert f"{OUR_NUMBER}, desk: webhook is" in shown
    assert "Numbers that are as they should be: 0." in shown


@pytest.mark.parametrize("file", ["number,description\r\n{},front desk\r\n", "number\tdescription\n{}\tfront desk\n"])
def test_a_confirmed_file_is_imported_as_it_was_sent(file: str, site: Site) -> None:
    answer = site.post("/numbers/import", hidden(upload(site, file.format(NEW).encode())))
    assert "1 added" in site.followed(answer)
    assert site.command.store.descriptions == {NEW: "front desk"}


def test_a_file_is_shown_first_and_imported_when_confirmed(site: Site) -> None:
    answer = upload(site, CSV.encode("utf-8-sig"))
    assert "1 added, 0 kept, 1 described anew, 0 removed" in answer.text
    assert held(site) == [OUR_NUMBER]
    shown = site.followed(site.post("/numbers/import", hidden(answer)))
    assert "1 added, 0 kept, 1 described, 0 removed" in shown
    assert site.command.store.descriptions == {NEW: "=front desk", OUR_NUMBER: "Köln"}
    assert "Nothing changes" in upload(site, CSV.encode()).text


def test_many_numbers_are_imported_and_released_as_long_work(site: Site) -> None:
    numbers = [f"+1202556{last:04}" for last in range(501)]
    begun = site.post("/numbers/import", hidden(upload(site, "\n".join(numbers).encode())))
    assert until(lambda: "501 added" in site.get(begun.headers["Location"]).text, within_seconds=30)
    assert "/work/" in begun.headers["Location"]
    assert held(site) == [OUR_NUMBER, *numbers]
    begun = site.post("/numbers/release", hidden(site.post("/numbers/release", {"all": "desk"})))
    assert until(lambda: "Released: 502." in site.get(begun.headers["Location"]).text, within_seconds=30)
    assert held(site) == []


def test_a_file_that_could_not_be_sent_back_to_be_confirmed_is_refused_at_once(site: Site) -> None:
    """Its preview is sent as it is, not as in a URL, where a letter can become six."""

    def sent(csv: str) -> str:
        boundary, body = encode_multipart({"agent": "desk", "csv": csv, "confirmed": "yes"})
        kind = f'multipart/form-data; boundary="{boundary}"'
        return site.client.post(
            "/numbers/import", base_url=f"http://{HOST}", data=body, headers=OWN, content_type=kind
        ).text

    line = f"{NEW},{'é' * 60}\r\n"
    largest = line * (3 * 1024**2 // len(line.encode()))
    assert "the same number is on line 1 already" in sent(largest)
    assert "the file is larger than 3 MiB; import it with: ./sms number import" in sent(
        largest.replace("\r", " ") + line
    )
    assert 'enctype="multipart/form-data"' in upload(site, CSV.encode()).text.partition("<h1>Import these")[2]


def test_a_file_that_replaces_names_what_is_taken_away(site: Site) -> None:
    answer = upload(site, f"{NEW}\n".encode(), replace="yes")
    assert "1 removed" in answer.text
    site.post("/numbers/import", hidden(answer))
    assert held(site) == [NEW]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"number\n12\n1.2E+10\n", "line 3 of the numbers: a spreadsheet has shortened"),
        (b"\xff", "is not text in UTF-8"),
        (b"", "the file has no numbers"),
        (b"description\nx\n", "must name one column with numbers"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_all_its_mistakes(data: bytes, why: str, site: Site) -> None:
    answer = upload(site, data, confirmed="yes", replace="yes")
    assert answer.status_code == 422
    assert why in answer.text
    assert held(site) == [OUR_NUMBER]


def test_what_is_exported_is_a_file_that_can_be_imported(site: Site) -> None:
    site.command.store.hold(NEW, description="=1+1")
    answer = site.get("/numbers/export?agent=desk")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="numbers.csv"'
    assert answer.data.decode("utf-8-sig") == f"number,description\r\n{NEW},'=1+1\r\n{OUR_NUMBER},\r\n"
    assert "Nothing changes" in upload(site, answer.data, replace="yes").text
    assert "agent" in site.get("/numbers/export").text.splitlines()[0]
