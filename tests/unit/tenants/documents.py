"""One example of each stored document, with every field, and its changed forms."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from shared.tenants import directory_items, secret_documents
from shared.tenants.account import ProviderSecrets
from shared.tenants.agent import BackendSettings, JournalSettings
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.record import SecretPart
from shared.tenants.secret_documents import SigningSecrets
from shared.tenants.tenant import Role
from tests.fakes import (
    ACCOUNT,
    ACCOUNTS,
    DESK,
    NOW,
    OUR_NUMBER,
    REST_SECRET,
    SALT,
    SECOND_TOKEN,
    SUBACCOUNT_TOKEN,
    TOKEN,
    credential,
    record,
    tenant,
)

Path = tuple[str | int, ...]

_MADE, KEY = credential()
WRITER = replace(_MADE, id="0Writer1")
"""Its id is fixed, because it is in the names of tests."""
FULL = replace(WRITER, role=Role.MANAGER, replaces="0A1b2C3d", agent_id=DESK.id)
SIGNING_SECRET = "whsec_" + "c2VjcmV0" * 4
BACKEND = BackendSettings("http", "https://user:t4rget@agent.example.com/sms", signed=True, statuses=True)
JOURNAL = JournalSettings("arn:aws:sqs:us-east-1:111122223333:sms-journal")
AGENT = replace(
    DESK, backend=BACKEND, second_backend=BackendSettings("echo"), timeout_notice="Goodbye.", journal=JOURNAL
)
FORMER = Webhooks("https://user:f0rmer@other.example.com/texts#rc=1", "GET", "", "POST", "AP" + "7" * 32)
CONNECTION = Connection(OUR_NUMBER, "PN" + "8" * 32, ACCOUNT, WRITER.id, FORMER)
RECORD = record(versions={part: f"version of {part}" for part in SecretPart}, deleted_at=NOW)

IN_REGIONS = (replace(ACCOUNTS[0], region="ie1"), *ACCOUNTS[1:])

HIDDEN = (
    *(TOKEN, SECOND_TOKEN, SUBACCOUNT_TOKEN, REST_SECRET, SALT, WRITER.sha256, KEY, SIGNING_SECRET),
    *("t4rget", "f0rmer", OUR_NUMBER[1:]),
)
"""What no error may quote."""


@dataclass(frozen=True)
class Kind:
    """A kind of document.

    Attributes:
        name: the name of its schema.
        title: how errors begin.
        text: the example.
        load: reads a document of tenant acme.
        optional: fields that are only there when they are set, or that older documents lack.
        nullable: fields that may be null.
        maps: fields whose own fields are ids.
    """

    name: str
    title: str
    text: str
    load: Callable[[str], object]
    optional: frozenset[str] = frozenset()
    nullable: frozenset[str] = frozenset()
    maps: frozenset[str] = field(default=frozenset())

    def document(self) -> Any:  # noqa: ANN401 - JSON
        """The example as JSON."""
        return json.loads(self.text)

    def at(self, path: Path) -> object:
        """The value at a path."""
        value = self.document()
        for name in path:
            value = value[name]
        return value

    def paths(self) -> list[Path]:
        """The path to every value."""
        return list(_paths(self.document()))

    def fields(self) -> list[Path]:
        """The path to every field that a document must have."""
        named = [path for path in self.paths() if isinstance(path[-1], str) and path[-1] not in self.optional]
        return [path for path in named if not self._is_entry(path)]

    def objects(self) -> list[Path]:
        """The path to everything with a fixed set of fields, the document itself included."""
        parents = {path[:-1] for path in self.paths() if isinstance(path[-1], str) and not self._is_entry(path)}
        return sorted(parents, key=str)

    def changed(self, path: Path, value: object) -> str:
        """The example with one value changed, or left out when `value` is Ellipsis."""
        document = place = self.document()
        for name in path[:-1]:
            place = place[name]
        if value is ...:
            del place[path[-1]]
        else:
            place[path[-1]] = value
        return json.dumps(document)

    def _is_entry(self, path: Path) -> bool:
        return len(path) > 1 and path[-2] in self.maps


def _paths(value: object, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    entries: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        entries = list(value.items())
    elif isinstance(value, list):
        entries = list(enumerate(value))
    for name, child in entries:
        yield from _paths(child, (*path, name))


KINDS = (
    Kind(
        name="tenant-access.v4",
        title="the access secret of tenant 'acme' ",
        text=secret_documents.dump_access(tenant(FULL)),
        load=lambda text: secret_documents.load_access("acme", text),
        optional=frozenset({"role", "replaces", "agent"}),
        maps=frozenset({"credentials"}),
    ),
    Kind(
        name="tenant-accounts.v4",
        title="the accounts secret of tenant 'acme' ",
        text=secret_documents.dump_accounts("acme", ProviderSecrets(SALT, IN_REGIONS)),
        load=lambda text: secret_documents.load_accounts("acme", text),
        nullable=frozenset({"rest_key"}),
        optional=frozenset({"region"}),
    ),
    Kind(
        name="tenant-signing.v4",
        title="the signing secret of tenant 'acme' ",
        text=secret_documents.dump_signing("acme", {DESK.id: SigningSecrets((SIGNING_SECRET,), (SIGNING_SECRET,))}),
        load=lambda text: secret_documents.load_signing("acme", text),
        maps=frozenset({"backends"}),
    ),
    Kind(
        name="directory-tenant.v1",
        title="the record of tenant 'acme' ",
        text=directory_items.dump_record(RECORD),
        load=lambda text: directory_items.load_record("acme", text),
        nullable=frozenset({"deleted_at"}),
        maps=frozenset({"versions"}),
    ),
    Kind(
        name="directory-agent.v1",
        title="an agent of tenant 'acme' ",
        text=directory_items.dump_agent(AGENT),
        load=lambda text: directory_items.load_agent("acme", text),
        nullable=frozenset({"second_backend", "failure_reply", "timeout_notice", "journal"}),
        optional=frozenset({"initiates_from_inbound", "timeout_notice", "journal"}),
    ),
    Kind(
        name="directory-connection.v1",
        title="a connection of tenant 'acme' ",
        text=directory_items.dump_connection(CONNECTION),
        load=lambda text: directory_items.load_connection("acme", text),
    ),
)
