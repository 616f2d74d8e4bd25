"""Reads the control API's JSON into the twin's values. Every function raises BadBody when it cannot."""

import re

from twin.accounts import Hook, Number, TwinAccount
from twin.body import BadBody, Body, as_text, as_texts
from twin.directory import Directory
from twin.exchange import Connections
from twin.inbound import new_text
from twin.media import read_media, with_address
from twin.message import Signing, Text, new_message_sid
from twin.services import Service
from twin.webhook_url import WebhookUrl

_ADDRESS = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|[a-z]+:[^\s:]+", re.ASCII)
_ACCOUNT_SID = re.compile(r"AC[0-9a-zA-Z]{1,64}", re.ASCII)
_KEY_SID = re.compile(r"SK[0-9a-zA-Z]{1,64}", re.ASCII)
_MESSAGE_SID = re.compile(r"(?:SM|MM)[0-9a-zA-Z]{1,64}", re.ASCII)
_SERVICE_SID = re.compile(r"MG[0-9a-f]{32}", re.ASCII)
_HEADER = re.compile(r"[\x20-\x7e]*")
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?", re.ASCII)


def read_account(account_sid: str, json: object) -> TwinAccount:
    """The body of `PUT /accounts/<account_sid>`."""
    body = Body(json, "auth_token", "secondary_auth_token", "rest_keys", "protected_media", "status", "type", "region")
    if not _ACCOUNT_SID.fullmatch(account_sid):
        message = "account_sid: must begin with AC."
        raise BadBody(message)
    keys = Body(body.fields.get("rest_keys") or {})
    for sid in keys.fields:
        if not _KEY_SID.fullmatch(sid):
            message = "rest_keys: must be an object of SIDs, which begin with SK, and their secrets."
            raise BadBody(message)
    return TwinAccount(
        account_sid,
        body.text("auth_token"),
        body.optional("secondary_auth_token") or None,
        {sid: keys.text(sid) for sid in keys.fields},
        body.flag("protected_media", default=True),
        body.optional("status") or "active",
        body.optional("type") or "Full",
        body.optional("region") or "us1",
    )


def read_number(number: str, json: object) -> Number:
    """The body of `PUT /numbers/<number>`."""
    urls = ("sms_url", "sms_method", "sms_fallback_url", "sms_fallback_method")
    body = Body(json, "account_sid", *urls, "advanced_opt_out", "sms_application_sid", "messaging_service_sid")
    if not _ADDRESS.fullmatch(number):
        message = "number: must be E.164 (+15550001111), a short code, or an address with a channel (whatsapp:+1555…)."
        raise BadBody(message)
    primary, fallback = _hook(body, "sms_url", "sms_method"), _hook(body, "sms_fallback_url", "sms_fallback_method")
    if fallback is not None and primary is None:
        message = "sms_fallback_url: cannot be set without sms_url."
        raise BadBody(message)
    return Number(
        number,
        body.text("account_sid"),
        primary,
        fallback,
        body.flag("advanced_opt_out", default=False),
        body.optional("sms_application_sid") or "",
        body.optional("messaging_service_sid") or "",
    )


def read_service(service_sid: str, json: object) -> Service:
    """The body of `PUT /services/<service_sid>`."""
    urls = ("inbound_request_url", "inbound_method", "fallback_url", "fallback_method")
    body = Body(json, "account_sid", "friendly_name", *urls, "use_inbound_webhook_on_number")
    if not _SERVICE_SID.fullmatch(service_sid):
        message = "service_sid: must be MG and 32 hexadecimal digits."
        raise BadBody(message)
    return Service(
        service_sid,
        body.text("account_sid"),
        body.optional("friendly_name") or "Service",
        _hook(body, "inbound_request_url", "inbound_method"),
        _hook(body, "fallback_url", "fallback_method"),
        body.flag("use_inbound_webhook_on_number", default=False),
    )


def read_connections(json: object) -> Connections:
    """The body of `PUT /connections`."""
    body = Body(json)
    connections = {}
    for name in body.fields:
        address = body.parsed(name, WebhookUrl.parse)
        if not _HOST.fullmatch(name) or address is None or address.target != "/" or address.userinfo is not None:
            message = f"{name}: must be a host or host:port, and its value http://address:port without a path."
            raise BadBody(message)
        connections[name.lower().replace("[", "").replace("]", "")] = address
    return connections


def read_text(directory: Directory, twin_url: str, json: object) -> Text:
    """The body of `POST /texts`.

    Args:
        directory: Has the number.
        twin_url: The twin's base URL, for the addresses of media whose content is in the body.
        json: The body.

    Raises:
        NotKnown: There is no such number.
    """
    body = Body(json, "from", "to", "body", "media", "fields", "message_sid", "signature", "sign_with")
    items = read_media(body)
    message_sid = body.optional("message_sid") or new_message_sid(items)
    if not _MESSAGE_SID.fullmatch(message_sid):
        message = "message_sid: must begin with SM or MM."
        raise BadBody(message)
    sender, receiver = body.text("from"), body.text("to")
    extra = Body(body.fields.get("fields") or {}).fields
    number = directory.number_for(receiver)
    return new_text(
        number,
        sender=sender,
        receiver=receiver,
        body=body.optional("body") or "",
        media=[with_address(item, twin_url, number.account_sid, message_sid) for item in items],
        message_sid=message_sid,
        changes={as_text("fields", name): as_texts(f"fields.{name}", value) for name, value in extra.items()},
        signing=_signing(body),
    )


def read_again(json: object) -> Signing | None:
    """The body of `POST /texts/<message_sid>/again`; None when it has no fields."""
    body = Body(json, "signature", "sign_with")
    return _signing(body) if body.fields else None


def _signing(body: Body) -> Signing:
    signature = body.optional("signature")
    if signature is not None and not _HEADER.fullmatch(signature):
        message = "signature: cannot be sent as a header."
        raise BadBody(message)
    return Signing(signature, body.optional("sign_with"))


def _hook(body: Body, url: str, method: str) -> Hook | None:
    parsed = body.parsed(url, WebhookUrl.parse)
    return None if parsed is None else Hook(parsed, body.word(method, "POST", "POST", "GET"))
