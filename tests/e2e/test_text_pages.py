"""The pages Texts and Usage over the deployed stack: what they show is what happened."""

from collections.abc import Callable

import pytest

from cli.context import CommandWorld
from dashboard.app import create_app
from dashboard.desk import Desk
from devstack.backend import CannedAnswer, in_turn, parrot
from tests.e2e.talks import Talk, Talks
from tests.e2e.waiting import until

KEY, HOST = "the-key-of-this-run", "127.0.0.1:8123"
REFUSING = CannedAnswer(status=404)


@pytest.fixture
def page() -> Callable[..., str]:
    """Gets a page for a tenant, or posts a form of it, as a browser with the key."""

    def get(talk: Talk, path: str, form: dict[str, str] | None = None) -> str:
        desk = Desk(
            CommandWorld(),
            "east",
            local=True,
            tenant=talk.line.tenant,
            key=KEY,
            hosts=frozenset({HOST}),
            report=pytest.fail,
        )
        client = create_app(desk).test_client()
        client.set_cookie("sms_dashboard_8123", KEY, domain="127.0.0.1")
        headers = {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
        if form is None:
            return client.get(path, base_url=f"http://{HOST}").text
        return client.post(path, base_url=f"http://{HOST}", data=form, headers=headers, follow_redirects=True).text

    return get


def test_a_text_is_listed_explained_and_counted(stage: str, talks: Talks, page: Callable[..., str]) -> None:
    talk = talks.begin(stage)
    sid = talk.person.text("am I on the page?")
    assert talk.person.sees(1)

    assert until(lambda: "the answer arrived" in page(talk, "/texts/"), within_seconds=30), page(talk, "/texts/")
    listed, text = page(talk, "/texts/"), page(talk, f"/texts/{sid}")
    person = page(talk, f"/texts/person?person={talk.person.address[1:]}")
    usage = page(talk, "/usage/?since=2d")

    assert f">{sid}</a>" in listed
    assert sid not in page(talk, "/texts/?state=parked")
    for event in ("Accepted", "Answered", "Sent", "Delivered"):
        assert event in text
    assert f"stage {stage}" in text.lower()
    assert sid in person
    assert "<strong>1</strong> texts in, <strong>1</strong> messages out" in " ".join(usage.split())
    for shown in (listed, text, person):
        assert talk.person.address not in shown.replace(f'value="{talk.person.address[1:]}"', "")


def test_what_is_parked_is_replayed_from_its_page(talks: Talks, page: Callable[..., str]) -> None:
    talk = talks.begin("east", in_turn(REFUSING, parrot), failure_reply=None)
    sid = talk.person.text("once more")
    talks.lines.parked(talk.line, sid)
    text = page(talk, f"/texts/{sid}")
    assert "backend_refused" in text
    assert "once more" not in text

    form = {"on": "east", "parked": sid, "confirmed": "yes"}
    assert "It is on its queue again." in page(talk, f"/texts/{sid}/replay", form)

    assert talk.person.sees(1) == ["You said: once more"]
    assert until(lambda: "the answer arrived" in page(talk, f"/texts/{sid}"), within_seconds=30)
