"""What answered at IBM, and the backend that takes its place."""

import pytest

from operations.ibm_import.conversation import backend_of, not_used
from operations.ibm_import.draft import Conversation
from operations.tenants.backends import BackendChange
from shared.errors import CommandDeclined

KEY, ENGINE = "an-api-key", "https://iva-soesample.myorg.net/SOE/myWorkspace"
WATSON = "https://api.us-south.assistant.watson.cloud.ibm.com/instances/1"
V1 = f"{WATSON}/v1/workspaces/w0rkspace/message?version=2021-11-27"


def named(change: BackendChange | None) -> tuple[object, ...]:
    assert change
    return change.kind, change.url, change.user, change.password


@pytest.mark.parametrize(
    ("conversation", "backend"),
    [
        (Conversation(ENGINE, "w", "gateway", "open sesame"), ("soe", ENGINE, "gateway", "open sesame")),
        (Conversation(ENGINE, "w", "gateway", "", KEY), ("soe", ENGINE, "gateway", KEY)),
        (Conversation(ENGINE), ("soe", ENGINE, None, None)),
        (Conversation(WATSON, "w0rkspace", "", "", KEY), ("soe", V1, "apikey", KEY)),
        (Conversation(f"{WATSON}/", "w0rkspace", "ignored", "", KEY), ("soe", V1, "apikey", KEY)),
        (Conversation(WATSON, "w0rkspace", "apikey", KEY), ("soe", V1, "apikey", KEY)),
        (Conversation(WATSON, "w0rkspace", "user", "password"), ("soe", V1, "user", "password")),
        (
            Conversation(f"{WATSON}/v2/assistants/1", "", "", "", KEY),
            ("watson", f"{WATSON}/v2/assistants/1", None, KEY),
        ),
    ],
)
def test_engines_stay_and_watsons_services_are_asked_by_their_apis(
    conversation: Conversation, backend: tuple[object, ...]
) -> None:
    change = backend_of(conversation)
    assert named(change) == backend
    assert change
    assert change.applied(None, local=False).signed == bool(backend[3])


@pytest.mark.parametrize(
    ("conversation", "why"),
    [
        (Conversation(WATSON, "w0rkspace"), "no API key and no password"),
        (Conversation(WATSON, "", "", "", KEY), "names no workspace"),
        (Conversation(ENGINE, "", "gateway"), "a user and no password"),
        (Conversation(ENGINE, "", "gateway", "two\nlines"), "printable characters for the password"),
        (Conversation(f"{WATSON}/v2/assistants/1", "", "me", "password"), "names no workspace"),
    ],
)
def test_what_no_backend_can_take_the_place_of_is_declined_without_its_secret(
    conversation: Conversation, why: str
) -> None:
    with pytest.raises(CommandDeclined, match=why) as caught:
        backend_of(conversation)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("conversation", "fields"),
    [
        (Conversation(ENGINE, "w", "gateway", "open sesame"), ["workspaceID"]),
        (Conversation(ENGINE, "", "", "open sesame", KEY), ["password", "apikey"]),
        (Conversation(ENGINE, "", "gateway", "", KEY), []),
        (Conversation(WATSON, "w0rkspace", "ignored", "", KEY), []),
        (Conversation(workspace="w", password=KEY), []),
    ],
)
def test_what_an_engine_does_not_get_is_named_without_its_value(conversation: Conversation, fields: list[str]) -> None:
    named_fields = dict(not_used(conversation))
    assert list(named_fields) == [f"conversation.{name}" for name in fields]
    assert not any(secret in why for why in named_fields.values() for secret in (KEY, "open sesame"))


def test_nothing_that_answered_is_no_backend() -> None:
    assert backend_of(Conversation(workspace="w0rkspace", password=KEY)) is None


@pytest.mark.parametrize("url", ["https://[", "https://api.watson.cloud.ibm.com.evil.example.com/", "nonsense"])
def test_what_only_looks_like_watson_is_an_engine(url: str) -> None:
    change = backend_of(Conversation(url, "w", "", "", KEY))
    assert change
    assert change.kind == "soe"
    assert change.url == url
