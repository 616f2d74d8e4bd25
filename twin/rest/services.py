"""Messaging Services in the REST API (Twilio docs: "Messaging Service resource", "… PhoneNumber resource").

Twilio has them at messaging.twilio.com; here everything has one address. They are made by the control API.
"""

from dataclasses import replace
from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from twin.accounts import Number
from twin.directory import Directory
from twin.rest.authentication import account_shown
from twin.rest.errors import RestError
from twin.rest.listing import page_with_meta
from twin.rest.numbers import changed_hook, refuse_unknown
from twin.rest.shapes import Json, hook_method, hook_url
from twin.services import Service

_HOST = "https://messaging.twilio.com"
_SERVICES = "/v1/Services"
_KNOWN = {
    "FriendlyName",
    "InboundRequestUrl",
    "InboundMethod",
    "FallbackUrl",
    "FallbackMethod",
    "UseInboundWebhookOnNumber",
}
_SUBRESOURCES = ("phone_numbers", "short_codes", "alpha_senders", "messages")


def routes(directory: Directory) -> Blueprint:
    """The routes over one directory."""
    found = Blueprint("services", __name__)

    @found.get(_SERVICES)
    def list_services() -> ResponseReturnValue:
        own = _own(directory)
        return page_with_meta(
            own, "services", _HOST, request.path, request.args, sid=lambda service: service.sid, shape=_service
        )

    @found.get(f"{_SERVICES}/<sid>")
    def fetch_service(sid: str) -> ResponseReturnValue:
        return _service(_one(directory, sid))

    @found.post(f"{_SERVICES}/<sid>")
    def update_service(sid: str) -> ResponseReturnValue:
        service = _changed(_one(directory, sid), request.form)
        directory.put_service(service)
        return _service(service)

    @found.get(f"{_SERVICES}/<sid>/PhoneNumbers")
    def list_numbers(sid: str) -> ResponseReturnValue:
        service = _one(directory, sid)
        return page_with_meta(
            _numbers(directory, service),
            "phone_numbers",
            _HOST,
            request.path,
            request.args,
            sid=lambda number: number.sid,
            shape=lambda number: _number(service, number),
        )

    @found.get(f"{_SERVICES}/<sid>/PhoneNumbers/<number_sid>")
    def fetch_number(sid: str, number_sid: str) -> ResponseReturnValue:
        service = _one(directory, sid)
        for number in _numbers(directory, service):
            if number.sid == number_sid:
                return _number(service, number)
        raise RestError(20404, request.path)

    return found


def _own(directory: Directory) -> list[Service]:
    account = account_shown(directory, request)
    return [service for service in directory.services() if service.account_sid == account.sid]


def _one(directory: Directory, sid: str) -> Service:
    for service in _own(directory):
        if service.sid == sid:
            return service
    raise RestError(20404, request.path)


def _numbers(directory: Directory, service: Service) -> list[Number]:
    return [number for number in directory.numbers() if number.service_sid == service.sid]


def _changed(service: Service, form: MultiDict[str, str]) -> Service:
    refuse_unknown(form, _KNOWN)
    on_number = form.get("UseInboundWebhookOnNumber", str(service.uses_numbers_webhooks)).lower()
    if on_number not in {"true", "false"}:
        raise RestError(20001, "UseInboundWebhookOnNumber")
    return replace(
        service,
        name=form.get("FriendlyName", service.name),
        primary=changed_hook(service.primary, form, "InboundRequestUrl", "InboundMethod"),
        fallback=changed_hook(service.fallback, form, "FallbackUrl", "FallbackMethod"),
        uses_numbers_webhooks=on_number == "true",
    )


def _service(shown: Service) -> Json:
    url = f"{_HOST}{_SERVICES}/{shown.sid}"
    return {
        "account_sid": shown.account_sid,
        "date_created": _date(shown.created),
        "date_updated": _date(shown.created),
        "fallback_method": hook_method(shown.fallback),
        "fallback_url": hook_url(shown.fallback) or None,
        "friendly_name": shown.name,
        "inbound_method": hook_method(shown.primary),
        "inbound_request_url": hook_url(shown.primary) or None,
        "links": {name: f"{url}/{name.title().replace('_', '')}" for name in _SUBRESOURCES},
        "sid": shown.sid,
        "url": url,
        "use_inbound_webhook_on_number": shown.uses_numbers_webhooks,
    }


def _number(service: Service, shown: Number) -> Json:
    return {
        "account_sid": shown.account_sid,
        "capabilities": ["MMS", "SMS"],
        "country_code": "US",
        "date_created": _date(service.created),
        "date_updated": _date(service.created),
        "phone_number": shown.number,
        "service_sid": service.sid,
        "sid": shown.sid,
        "url": f"{_HOST}{_SERVICES}/{service.sid}/PhoneNumbers/{shown.sid}",
    }


def _date(moment: datetime) -> str:
    """ISO 8601, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
