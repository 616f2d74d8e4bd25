"""Messaging Services in the REST API (Twilio docs: "Messaging Service resource", "… PhoneNumber resource").

Twilio serves them at messaging.twilio.com; the twin has one address for everything. The control API creates them.
"""

from dataclasses import replace
from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from twin.accounts import Number
from twin.directory import Directory
from twin.rest.authentication import account_of_credentials
from twin.rest.errors import RestError
from twin.rest.listing import page_with_meta
from twin.rest.numbers import changed_hook, refuse_unknown
from twin.rest.shapes import Json, hook_method, hook_url
from twin.services import Service

_HOST = "https://messaging.twilio.com"
_SERVICES = "/v1/Services"
_PARAMETERS = {
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
    blueprint = Blueprint("services", __name__)

    @blueprint.get(_SERVICES)
    def list_services() -> ResponseReturnValue:
        services = _services_of_account(directory)
        return page_with_meta(
            services, "services", _HOST, request.path, request.args, sid=lambda service: service.sid, shape=_service
        )

    @blueprint.get(f"{_SERVICES}/<sid>")
    def fetch_service(sid: str) -> ResponseReturnValue:
        return _service(_find_service(directory, sid))

    @blueprint.post(f"{_SERVICES}/<sid>")
    def update_service(sid: str) -> ResponseReturnValue:
        service = _changed(_find_service(directory, sid), request.form)
        directory.put_service(service)
        return _service(service)

    @blueprint.get(f"{_SERVICES}/<sid>/PhoneNumbers")
    def list_numbers(sid: str) -> ResponseReturnValue:
        service = _find_service(directory, sid)
        return page_with_meta(
            _numbers(directory, service),
            "phone_numbers",
            _HOST,
            request.path,
            request.args,
            sid=lambda number: number.sid,
            shape=lambda number: _number(service, number),
        )

    @blueprint.get(f"{_SERVICES}/<sid>/PhoneNumbers/<number_sid>")
    def fetch_number(sid: str, number_sid: str) -> ResponseReturnValue:
        service = _find_service(directory, sid)
        for number in _numbers(directory, service):
            if number.sid == number_sid:
                return _number(service, number)
        raise RestError(20404, request.path)

    return blueprint


def _services_of_account(directory: Directory) -> list[Service]:
    account = account_of_credentials(directory, request)
    return [service for service in directory.services() if service.account_sid == account.sid]


def _find_service(directory: Directory, sid: str) -> Service:
    for service in _services_of_account(directory):
        if service.sid == sid:
            return service
    raise RestError(20404, request.path)


def _numbers(directory: Directory, service: Service) -> list[Number]:
    return [number for number in directory.numbers() if number.service_sid == service.sid]


def _changed(service: Service, form: MultiDict[str, str]) -> Service:
    refuse_unknown(form, _PARAMETERS)
    uses_numbers = form.get("UseInboundWebhookOnNumber", str(service.uses_numbers_webhooks)).lower()
    if uses_numbers not in {"true", "false"}:
        raise RestError(20001, "UseInboundWebhookOnNumber")
    return replace(
        service,
        name=form.get("FriendlyName", service.name),
        primary=changed_hook(service.primary, form, "InboundRequestUrl", "InboundMethod"),
        fallback=changed_hook(service.fallback, form, "FallbackUrl", "FallbackMethod"),
        uses_numbers_webhooks=uses_numbers == "true",
    )


def _service(service: Service) -> Json:
    url = f"{_HOST}{_SERVICES}/{service.sid}"
    return {
        "account_sid": service.account_sid,
        "date_created": _date(service.created),
        "date_updated": _date(service.created),
        "fallback_method": hook_method(service.fallback),
        "fallback_url": hook_url(service.fallback) or None,
        "friendly_name": service.name,
        "inbound_method": hook_method(service.primary),
        "inbound_request_url": hook_url(service.primary) or None,
        "links": {name: f"{url}/{name.title().replace('_', '')}" for name in _SUBRESOURCES},
        "sid": service.sid,
        "url": url,
        "use_inbound_webhook_on_number": service.uses_numbers_webhooks,
    }


def _number(service: Service, number: Number) -> Json:
    return {
        "account_sid": number.account_sid,
        "capabilities": ["MMS", "SMS"],
        "country_code": "US",
        "date_created": _date(service.created),
        "date_updated": _date(service.created),
        "phone_number": number.number,
        "service_sid": service.sid,
        "sid": number.sid,
        "url": f"{_HOST}{_SERVICES}/{service.sid}/PhoneNumbers/{number.sid}",
    }


def _date(moment: datetime) -> str:
    """ISO 8601, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
