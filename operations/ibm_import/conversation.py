"""Which backend takes the place of what answered at IBM."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from operations.ibm_import.draft import Conversation
from operations.tenants.backends import WATSON_USER, BackendChange, check_password
from shared.errors import CommandDeclined

V1_VERSION = "2021-11-27"
"""The version of Watson Assistant's v1 API that is asked for; docs/backends.md has it too."""

_WATSON = (".watson.cloud.ibm.com", ".watsonplatform.net")
"""How the hosts of Watson's services end (IBM Cloud API Docs, "Watson Assistant v1", "Endpoint URLs")."""


def backend_of(conversation: Conversation) -> BackendChange | None:
    """The backend of an agent; None when the file names nothing that answered.

    An engine is asked at its URL as it stands. A workspace of Watson Assistant is asked in the same form by its v1 API,
    an assistant by its v2 API.

    Raises CommandDeclined for what no backend can take the place of; it quotes no secret.
    """
    if not conversation.url:
        return None
    if not _is_watson(conversation.url):
        return _engine(conversation.url, conversation.user, conversation.password or conversation.api_key)
    user, password = conversation.user or WATSON_USER, conversation.password
    if conversation.api_key:
        user, password = WATSON_USER, conversation.api_key
    if not password:
        message = "it has no API key and no password for Watson Assistant; set the backend: sms agent update"
        raise CommandDeclined(message)
    if "/v2/assistants/" in conversation.url and user == WATSON_USER:
        return BackendChange(kind="watson", url=conversation.url, password=check_password(password))
    if not conversation.workspace:
        message = "it names no workspace of Watson Assistant; set the backend: sms agent update --backend watson"
        raise CommandDeclined(message)
    url = f"{conversation.url.rstrip('/')}/v1/workspaces/{conversation.workspace}/message?version={V1_VERSION}"
    return _engine(url, user, password)


def not_used(conversation: Conversation) -> Iterator[tuple[str, str]]:
    """What an engine's backend does not take of it: the field, and what to do."""
    if not conversation.url or _is_watson(conversation.url):
        return
    if conversation.workspace:
        why = "an engine is asked at its URL as it stands; if it is to have the workspace in it: sms agent update"
        yield "conversation.workspaceID", f"{why} --backend-url"
    if not conversation.user:
        why = "an engine asks for a password only with a user, and there is none: sms agent update --backend-user"
        yield from ((f"conversation.{name}", why) for name in _secret_fields(conversation))


def _secret_fields(conversation: Conversation) -> Iterator[str]:
    if conversation.password:
        yield "password"
    if conversation.api_key:
        yield "apikey"


def _engine(url: str, user: str, password: str) -> BackendChange:
    if not user:
        return BackendChange(kind="soe", url=url)
    if not password:
        message = "it has a user and no password; set the backend: sms agent update --backend soe"
        raise CommandDeclined(message)
    return BackendChange(kind="soe", url=url, user=user, password=check_password(password))


def _is_watson(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False  # the backend's own check says what is wrong with it
    return host.endswith(_WATSON)
