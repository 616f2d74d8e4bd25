"""What a message may hold: the same for a backend that answers and a caller of the API, and enough for the sender."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.backends import answers
from shared.errors import UpstreamRefused
from shared.messages.limits import LINK_MAX, is_link, is_whole
from shared.outbound_queue import Outbound
from shared.sending.send_command import check_size, read
from tests.fakes import NOW, FakeQueue
from tests.provider import ITS_RULES, RULES
from tests.unit.messages.test_outbound_queue import ENVELOPE

LINKS = st.text(st.characters(max_codepoint=0x250), max_size=12).map("https://h{}".format)


@pytest.mark.parametrize(
    "link", ["https://h", "https://h/", "https://h:8443/a?b=c#d", "https://[::1]/a", "https://h/@"]
)
def test_takes_links_that_can_be_fetched(link: str) -> None:
    assert is_link(link)


@pytest.mark.parametrize(
    "link",
    [
        None,
        b"https://h/",
        "HTTPS://h/",
        "http://h/",
        "https://:443/",
        "https://h:99999/",
        "https://h:0/",
        "https://h:x/",
        "https://[::1",
        "https://user@h/",
        "https://h\\@evil/",
        "https://h/\x01",
        "https://h/\x7f",
        "https://h/" + "x" * LINK_MAX,
    ],
)
def test_takes_no_other_links(link: object) -> None:
    assert not is_link(link)


@given(st.text(st.characters(codec=None)))
def test_a_text_is_whole_when_it_can_be_written_as_utf_8(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        assert not is_whole(text)
    else:
        assert is_whole(text)


@given(st.text(st.characters(codec=None), max_size=4000), st.lists(LINKS, max_size=3))
@example("\r", ["https://h"])
def test_whatever_answer_of_a_backend_is_taken_the_sender_takes_too(text: str, links: list[str]) -> None:
    body = json.dumps({"messages": [{"text": text, "media_urls": links}]}).encode()
    try:
        answer = answers.parse(body)
    except UpstreamRefused:
        return
    queue = FakeQueue()
    Outbound(queue, RULES, messages_max=1000).send(ENVELOPE, answer.messages, now=NOW)
    orders = [read(json.loads(json.dumps(sent.event)), now=NOW) for sent in queue.sent]
    for ordered in orders:
        check_size(ordered.message, ITS_RULES)
    blank = not text.strip()  # with links it is taken; the blanks are left out, for no provider takes them
    assert "".join(one.message.text for one in orders) == ("" if blank else text)
    assert [link for one in orders for link in one.message.media_urls] == links
