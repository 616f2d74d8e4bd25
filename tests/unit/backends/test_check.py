"""What an operator may choose, and the sentence that says why not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.backends import check
from shared.errors import InvalidValue
from shared.tenants.agent import BackendSettings
from tests.backend_server import OLD_SECRET, SECRET

QUEUE = "arn:aws:sqs:us-east-1:123456789012:desk.fifo"
BOT = "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID"


def http(url: str, **changes: Any) -> BackendSettings:  # noqa: ANN401 - any setting
    values: dict[str, Any] = {"signed": True, "secrets": (SECRET,)}
    return BackendSettings("http", url, **(values | changes))


@pytest.mark.parametrize(
    "url",
    [
        "https://desk.example.com",
        "https://desk.example.com/",
        "https://desk.example.com:8443/texts?key=1&x=%20",
        "HTTPS://Desk.Example.Com/Texts",
        "https://desk.example.com./texts",
        "https://xn--bcher-kva.example/texts",
        "https://my_host.example.com/texts",
        "https://203.0.113.7/texts",
        "https://[2001:db8::7]/texts",
        "https://desk/texts",
    ],
)
def test_an_https_url_may_be_chosen(url: str) -> None:
    check(http(url))
    check(http(url, statuses=True, secrets=(SECRET, OLD_SECRET)))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "desk.example.com",
        "//desk.example.com",
        "http://desk.example.com",
        "http://127.0.0.1:8000",
        "ftp://desk.example.com",
        "file:///etc/passwd",
        "https:",
        "https://",
        "https:///texts",
        "https://:443/",
        "https://desk.example.com:port/",
        "https://desk.example.com:99999/",
        "https://desk.example.com:0/",
        "https://desk.example.com:00/",
        "https://[2001:db8::7]:0/",
        "https://user:word@desk.example.com/",
        "https://user@desk.example.com/",
        "https://@desk.example.com/",
        "https://desk.example.com/#texts",
        "https://desk.example.com/#",
        "https://desk example.com/",
        "https://desk.example.com/my texts",
        " https://desk.example.com/",
        "https://desk.example.com/\n",
        "https://desk.example.com\\@evil.example/",
        "https://b\u00fccher.example/",
        "https://desk..example.com/",
        "https://.example.com/",
        "https://-desk.example.com/",
        "https://" + "x" * 64 + ".example.com/",
        "https://" + ".".join(["x" * 60] * 5) + "/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://desk.example.com/" + "<",
    ],
)
def test_no_other_url_may_be_chosen(url: str) -> None:
    with pytest.raises(InvalidValue, match=r"^backend: "):
        check(http(url))


@pytest.mark.parametrize("url", ["http://hush.example/?hush", "https://hush:hush@x.example/hush", "https://x/ hush"])
def test_a_url_is_never_quoted(url: str) -> None:
    with pytest.raises(InvalidValue) as declined:
        check(http(url))
    assert "hush" not in str(declined.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/texts", "http://localhost/", "https://desk.example.com/"])
def test_locally_http_may_be_chosen(url: str) -> None:
    check(http(url), local=True)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://user@localhost/"])
def test_locally_too_it_must_be_http(url: str) -> None:
    with pytest.raises(InvalidValue):
        check(http(url), local=True)


@pytest.mark.parametrize(
    "secrets",
    [
        (),
        ("",),
        ("whsec_",),
        ("hush",),
        (SECRET.removeprefix("whsec_"),),
        ("whsec_" + "YWJj" * 7,),
        ("whsec_" + "YWJj" * 22,),
        ("whsec_" + "not base 64!" * 4,),
        ("WHSEC_" + "YWJj" * 8,),
        (SECRET, "hush"),
        (SECRET + "\n",),
    ],
)
def test_http_needs_secrets_that_can_sign(secrets: tuple[str, ...]) -> None:
    with pytest.raises(InvalidValue, match=r"secret") as declined:
        check(http("https://desk.example.com/", secrets=secrets))
    assert "hush" not in str(declined.value)


@pytest.mark.parametrize("arn", [QUEUE, QUEUE.removesuffix(".fifo"), "arn:aws-cn:sqs:cn-north-1:123456789012:a_B-9"])
def test_a_queue_may_be_chosen(arn: str) -> None:
    check(BackendSettings("queue", arn))
    check(BackendSettings("queue", arn, statuses=True))


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "desk.fifo",
        "https://sqs.us-east-1.amazonaws.com/123456789012/desk.fifo",
        "arn:aws:sns:us-east-1:123456789012:desk",
        "arn:aws:sqs:us-east-1:12345:desk",
        "arn:aws:sqs::123456789012:desk",
        "arn:aws:sqs:us-east-1:123456789012:",
        "arn:aws:sqs:us-east-1:123456789012:*",
        "arn:aws:sqs:us-east-1:123456789012:desk/x",
        "arn:aws:sqs:us-east-1:123456789012:desk.fifo.fifo",
        "arn:aws:sqs:us-east-1:123456789012:" + "x" * 81,
        "arn:aws:sqs:evil.example/:123456789012:desk",
        QUEUE + "\n",
        " " + QUEUE,
    ],
)
def test_no_other_queue_may_be_chosen(arn: str) -> None:
    with pytest.raises(InvalidValue, match=r"^backend: the target of a queue is its ARN, such as arn:aws:sqs:"):
        check(BackendSettings("queue", arn))


@pytest.mark.parametrize("locale", ["en_US", "es_419", "fil_PH"])
def test_a_bot_may_be_chosen(locale: str) -> None:
    check(BackendSettings("lex", BOT, locale=locale))


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "ABCDEFGHIJ",
        "arn:aws:lex:us-east-1:123456789012:bot/ABCDEFGHIJ",
        "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ",
        "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHIJ/*",
        "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHI/TSTALIASID",
        "arn:aws:lex:us-east-1:123456789012:bot-alias/ABCDEFGHI../TSTALIASID",
        BOT + "/sessions",
        BOT + "\n",
    ],
)
def test_no_other_bot_may_be_chosen(arn: str) -> None:
    with pytest.raises(
        InvalidValue, match=r"^backend: the target of a bot is the ARN of its alias, such as arn:aws:lex:"
    ):
        check(BackendSettings("lex", arn, locale="en_US"))


@pytest.mark.parametrize("locale", ["", "en", "EN_us", "en-US", "en_US/../x", "en_US\n", "english_US"])
def test_a_bot_needs_a_locale(locale: str) -> None:
    with pytest.raises(InvalidValue, match=r"^backend: a bot needs a locale, such as en_US$"):
        check(BackendSettings("lex", BOT, locale=locale))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (BackendSettings("echo", "https://x.example"), "echo does not use a URL or an ARN"),
        (BackendSettings("echo", signed=True), "echo does not sign its requests"),
        (BackendSettings("echo", locale="en_US"), "echo does not use a locale"),
        (BackendSettings("echo", statuses=True), "echo does not support statuses"),
        (BackendSettings("queue", QUEUE, signed=True, secrets=(SECRET,)), "queue does not sign its requests"),
        (BackendSettings("queue", QUEUE, locale="en_US"), "queue does not use a locale"),
        (BackendSettings("lex", BOT, signed=True, locale="en_US"), "lex does not sign its requests"),
        (BackendSettings("lex", BOT, locale="en_US", statuses=True), "lex does not support statuses"),
        (http("https://desk.example.com/", locale="en_US"), "http does not use a locale"),
    ],
)
def test_settings_that_a_kind_does_not_use_are_declined(settings: BackendSettings, sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        check(settings)


@given(st.text(), st.sampled_from(["http", "queue", "lex"]), st.booleans())
def test_no_target_breaks_the_check(target: str, kind: str, local: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    secrets = (SECRET,) if kind == "http" else ()
    settings = BackendSettings(
        kind, target, signed=bool(secrets), secrets=secrets, locale="en_US" if kind == "lex" else ""
    )
    with pytest.raises(InvalidValue):
        check(settings, local=local)


@given(st.text())
def test_no_url_breaks_the_check(rest: str) -> None:
    try:
        check(http("https://" + rest))
    except InvalidValue as declined:
        assert str(declined).startswith("backend: ")  # noqa: PT017 - either way is right
