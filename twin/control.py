"""The control API: how a person or a test sets the twin up and drives it. `twin/README.md` documents it."""

from dataclasses import asdict

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from twin import parsing, parsing_failures, views
from twin.offline_twilio import OfflineTwilio


def control_api(twilio: OfflineTwilio) -> Blueprint:
    """The routes of the control API over one twin."""
    routes = Blueprint("control", __name__)
    _set_up(routes, twilio)
    _texts(routes, twilio)
    _messages(routes, twilio)
    return routes


def _set_up(routes: Blueprint, twilio: OfflineTwilio) -> None:
    directory = twilio.directory

    @routes.get("/health")
    def health() -> ResponseReturnValue:
        return {"status": "ok"}

    @routes.get("/idle")
    def idle() -> ResponseReturnValue:
        return {"idle": twilio.idle}

    @routes.put("/accounts/<account_sid>")
    def put_account(account_sid: str) -> ResponseReturnValue:
        directory.put_account(parsing.read_account(account_sid, _json()))
        return {"account_sid": account_sid}

    @routes.post("/accounts/<account_sid>/promote")
    def promote(account_sid: str) -> ResponseReturnValue:
        directory.promote(account_sid)
        return {"account_sid": account_sid}

    @routes.put("/numbers/<number>")
    def put_number(number: str) -> ResponseReturnValue:
        parsed = parsing.read_number(number, _json())
        directory.put_number(parsed)
        return parsed.as_json()

    @routes.get("/numbers")
    def numbers() -> ResponseReturnValue:
        return [number.as_json() for number in directory.numbers()]

    @routes.delete("/numbers/<number>")
    def delete_number(number: str) -> ResponseReturnValue:
        directory.delete_number(number)
        return {"number": number}

    @routes.put("/services/<service_sid>")
    def put_service(service_sid: str) -> ResponseReturnValue:
        service = parsing.read_service(service_sid, _json())
        directory.put_service(service)
        return {"service_sid": service.sid}

    @routes.put("/connections")
    def put_connections() -> ResponseReturnValue:
        connections = parsing.read_connections(_json())
        directory.put_connections(connections)
        return {name: address.url for name, address in connections.items()}


def _texts(routes: Blueprint, twilio: OfflineTwilio) -> None:
    @routes.post("/texts")
    def send() -> ResponseReturnValue:
        twin_url = request.url_root.rstrip("/")
        return asdict(twilio.receive(parsing.read_text(twilio.directory, twin_url, _json())))

    @routes.post("/texts/<message_sid>/again")
    def send_again(message_sid: str) -> ResponseReturnValue:
        signing = parsing.read_again(_json() if request.content_length else {})
        return asdict(twilio.send_again(message_sid, signing))

    @routes.get("/debugger")
    def debugger() -> ResponseReturnValue:
        return [asdict(alert) for alert in twilio.alerts()]


def _messages(routes: Blueprint, twilio: OfflineTwilio) -> None:
    @routes.get("/messages")
    def messages() -> ResponseReturnValue:
        return [views.in_full(message) for message in twilio.ledger.all()]

    @routes.get("/phones/<number>")
    def phone(number: str) -> ResponseReturnValue:
        return [views.on_phone(message) for message in twilio.ledger.phone(number)]

    @routes.put("/callbacks")
    def put_callbacks() -> ResponseReturnValue:
        options = parsing_failures.read_callback_options(_json())
        twilio.callbacks.configure(options)
        return asdict(options)

    @routes.get("/rest/failures")
    def planned() -> ResponseReturnValue:
        return [views.planned(failure) for failure in twilio.planned.all()]

    @routes.post("/rest/failures")
    def plan() -> ResponseReturnValue:
        failure = parsing_failures.read_planned(_json())
        twilio.planned.add(failure)
        return views.planned(failure)

    @routes.delete("/rest/failures")
    def clear() -> ResponseReturnValue:
        twilio.planned.clear()
        return []


def _json() -> object:
    return request.get_json(silent=True)
