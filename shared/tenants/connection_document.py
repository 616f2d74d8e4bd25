"""A connection as JSON, in its tenant's document."""

from collections.abc import Mapping
from typing import Any

from shared.tenants.connection import Connection, Webhooks
from shared.tenants.json_values import as_text, as_truth


def to_document(connection: Connection) -> dict[str, object]:
    """The connection as JSON values."""
    former = connection.former
    return {
        "number": connection.number,
        "number_sid": connection.number_sid,
        "account": connection.account,
        "credential_id": connection.credential_id,
        "owns_credential": connection.owns_credential,
        "former": {
            "url": former.url,
            "method": former.method,
            "fallback_url": former.fallback_url,
            "fallback_method": former.fallback_method,
            "application": former.application,
        },
        "service": connection.service,
    }


def from_document(entry: Mapping[str, Any]) -> Connection:
    """The connection that JSON values describe. Raises KeyError, TypeError and ValueError."""
    former = entry["former"]
    return Connection(
        number=as_text(entry["number"]),
        number_sid=as_text(entry["number_sid"]),
        account=as_text(entry["account"]),
        credential_id=as_text(entry["credential_id"]),
        owns_credential=as_truth(entry["owns_credential"]),
        former=Webhooks(
            url=as_text(former["url"]),
            method=as_text(former["method"]),
            fallback_url=as_text(former["fallback_url"]),
            fallback_method=as_text(former["fallback_method"]),
            application=as_text(former["application"]),
        ),
        service=as_text(entry["service"]),
    )
