"""The connections table and webhook URLs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.twin.webhook_receiver import CHALLENGE, TOKEN, CannedResponse, RecordingReceiver, TwinOperator
from twin.signing import signature
from twin.webhook_url import NotAWebhookUrl, WebhookUrl


@pytest.mark.parametrize(
    ("key", "authority"),
    [
        ("texts.example.com", "texts.example.com"),
        ("texts.example.com", "texts.example.com:8443"),
        ("texts.example.com:443", "texts.example.com"),
        ("TEXTS.example.com:8443", "Texts.Example.com:8443"),
        ("[::1]:8443", "[::1]:8443"),
        ("api.execute-api.127.0.0.1", "api.execute-api.127.0.0.1"),
    ],
)
def test_connects_elsewhere_but_sends_and_signs_what_is_configured(
    receiver: RecordingReceiver, operator: TwinOperator, key: str, authority: str
) -> None:
    receiver.answers(CannedResponse(401, CHALLENGE), CannedResponse())
    operator.api.put("/connections", json={key: receiver.url})
    operator.set_up(f"https://user:password@{authority}/east/texts?x=1#rc=0")
    result = operator.text()
    assert result["outcome"] == "delivered"
    request = receiver.received[1]
    assert request.headers["host"] == authority
    assert request.target == "/east/texts?x=1"
    expected = signature(f"https://{authority}/east/texts?x=1", request.form, TOKEN)
    assert request.headers["x-twilio-signature"] == expected
    assert result["attempts"][0]["url"] == f"https://{authority}/east/texts?x=1"


def test_host_with_port_goes_before_host_alone(
    receiver: RecordingReceiver, other_receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    table = {"texts.example.com": other_receiver.url, "texts.example.com:8443": receiver.url}
    operator.api.put("/connections", json=table)
    operator.set_up("https://texts.example.com:8443/")
    operator.text()
    assert len(receiver.received) == 1
    assert other_receiver.received == []


def test_hosts_outside_the_table_are_connected_to_as_they_are(
    receiver: RecordingReceiver, other_receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    table = {"127.0.0.1:1": other_receiver.url, "27.0.0.1": other_receiver.url}
    operator.api.put("/connections", json=table)
    operator.set_up(receiver.url)
    assert operator.text()["outcome"] == "delivered"
    assert other_receiver.received == []


def test_the_table_is_replaced_as_a_whole(
    receiver: RecordingReceiver, other_receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    operator.api.put("/connections", json={f"127.0.0.1:{receiver.port}": other_receiver.url})
    operator.api.put("/connections", json={})
    operator.set_up(receiver.url)
    operator.text()
    assert other_receiver.received == []


def test_the_table_holds_for_redirects_too(
    receiver: RecordingReceiver, other_receiver: RecordingReceiver, operator: TwinOperator
) -> None:
    operator.api.put("/connections", json={"moved.example.com": other_receiver.url})
    receiver.answers(CannedResponse(307, {"Location": "https://moved.example.com/x"}))
    operator.set_up(receiver.url)
    assert operator.text()["outcome"] == "delivered"
    assert other_receiver.received[0].headers["host"] == "moved.example.com"


def test_ignores_the_proxies_of_the_environment(
    receiver: RecordingReceiver,
    other_receiver: RecordingReceiver,
    operator: TwinOperator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, other_receiver.url)
    monkeypatch.delenv("no_proxy", raising=False)
    operator.set_up(receiver.url)
    assert operator.text()["outcome"] == "delivered"
    assert other_receiver.received == []


@pytest.mark.parametrize(
    "table",
    [
        {"a.example": "127.0.0.1:80"},
        {"a.example": "https://127.0.0.1/path"},
        {"a.example": "http://user:secret@127.0.0.1"},
        {"a.example": "ftp://127.0.0.1"},
        {"a.example": None},
        {"a.example": 80},
        {"http://a.example": "http://127.0.0.1"},
        {"a.example/x": "http://127.0.0.1"},
        {"": "http://127.0.0.1"},
    ],
)
def test_refuses_an_invalid_table(operator: TwinOperator, table: dict[str, object]) -> None:
    answer = operator.api.put("/connections", json=table)
    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith(f"{next(iter(table))}: ")
    assert "secret" not in answer.text


def test_takes_a_url_apart() -> None:
    url = WebhookUrl.parse("https://u:p@Example.com:8443/a/b?c=%20d#rc=2")
    assert (url.url, url.fragment) == ("https://Example.com:8443/a/b?c=%20d", "rc=2")
    assert (url.scheme, url.host, url.port) == ("https", "example.com", 8443)
    assert (url.authority, url.target) == ("Example.com:8443", "/a/b?c=%20d")
    assert url.redacted() == "https://u:***@Example.com:8443/a/b?c=%20d#rc=2"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("http://h", "/"),
        ("http://h?x=1", "/?x=1"),
        ("http://h/?", "/?"),
        ("http://h//a/../b;c?d=@:/", "//a/../b;c?d=@:/"),
    ],
)
def test_requests_path_and_query_verbatim(text: str, target: str) -> None:
    assert WebhookUrl.parse(text).target == target


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/x",
        "//example.com",
        "ftp://example.com",
        "https://",
        "https://user:secret@",
        "https:///path",
        "https://h:99999/",
        "https://h:port/",
        "https://h:0/",
        "https://exa mple.com/secret",
        "https://exämple.com/secret",
        "https://h/secret\n",
        "https://a..b/secret",
        "https://[::1/secret",
        f"https://{'x' * 64}.example/",
    ],
)
def test_refuses_an_invalid_url_without_repeating_it(text: str) -> None:
    with pytest.raises(NotAWebhookUrl) as refusal:
        WebhookUrl.parse(text)
    assert "secret" not in str(refusal.value)


@given(
    st.text("abcXYZ09-._~%!$&'()*+,;=:@/", max_size=20).filter(lambda userinfo: "/" not in userinfo),
    st.text("abcXYZ09-._~%!$&'()*+,;=:@/?", max_size=20),
    st.text("abc=&,09", max_size=10),
)
def test_a_url_survives_parsing_unchanged(userinfo: str, rest: str, fragment: str) -> None:
    url = WebhookUrl.parse(f"https://{userinfo}@example.com/{rest}#{fragment}")
    assert (url.userinfo, url.url, url.fragment) == (userinfo, f"https://example.com/{rest}", fragment)
    assert url.target == f"/{rest}"
