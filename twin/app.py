"""The control API: how a person or a test tells the twin what to be and what to do. `twin/README.md` shows it."""

from dataclasses import asdict
from http import HTTPStatus

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from twin import parsing
from twin.body import BadBody
from twin.state import NotKnown, Twilio


def create_app(twilio: Twilio) -> Flask:  # noqa: C901 -- a list of routes, each of a line or three
    """The control API over one twin. It answers only requests made to a loopback name, so no web page reaches it."""
    app = Flask("twin", static_folder=None)
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost"]
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024

    @app.get("/health")
    def health() -> ResponseReturnValue:
        return {"status": "ok"}

    @app.put("/accounts/<account_sid>")
    def put_account(account_sid: str) -> ResponseReturnValue:
        twilio.put_account(parsing.read_account(account_sid, _json()))
        return {"account_sid": account_sid}

    @app.post("/accounts/<account_sid>/promote")
    def promote(account_sid: str) -> ResponseReturnValue:
        twilio.promote(account_sid)
        return {"account_sid": account_sid}

    @app.put("/numbers/<number>")
    def put_number(number: str) -> ResponseReturnValue:
        parsed = parsing.read_number(number, _json())
        twilio.put_number(parsed)
        return parsed.shown()

    @app.get("/numbers")
    def numbers() -> ResponseReturnValue:
        return [number.shown() for number in twilio.numbers()]

    @app.delete("/numbers/<number>")
    def delete_number(number: str) -> ResponseReturnValue:
        twilio.delete_number(number)
        return {"number": number}

    @app.put("/connections")
    def put_connections() -> ResponseReturnValue:
        connections = parsing.read_connections(_json())
        twilio.put_connections(connections)
        return {name: address.url for name, address in connections.items()}

    @app.post("/texts")
    def send() -> ResponseReturnValue:
        return asdict(twilio.send(parsing.read_text(twilio, _json())))

    @app.post("/texts/<message_sid>/again")
    def send_again(message_sid: str) -> ResponseReturnValue:
        signing = parsing.read_again(_json() if request.content_length else {})
        return asdict(twilio.send_again(message_sid, signing))

    @app.get("/debugger")
    def debugger() -> ResponseReturnValue:
        return [asdict(alert) for alert in twilio.alerts()]

    @app.errorhandler(BadBody)
    def bad_body(error: BadBody) -> ResponseReturnValue:
        return {"error": str(error)}, HTTPStatus.BAD_REQUEST

    @app.errorhandler(NotKnown)
    def not_known(error: NotKnown) -> ResponseReturnValue:
        return {"error": str(error)}, HTTPStatus.NOT_FOUND

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> ResponseReturnValue:
        return {"error": f"{error.name}: {error.description}"}, error.code or HTTPStatus.INTERNAL_SERVER_ERROR

    return app


def _json() -> object:
    return request.get_json(silent=True)
