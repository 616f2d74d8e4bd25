"""The web application: the control API and, beside it, Twilio's own REST API."""

from http import HTTPStatus

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from twin.body import BadBody
from twin.control import control_api
from twin.directory import NotKnown
from twin.offline_twilio import OfflineTwilio
from twin.rest import alerts, services, tokens
from twin.rest.errors import RestError, from_http
from twin.rest.routes import PREFIX, rest_api


def create_app(twilio: OfflineTwilio) -> Flask:
    """The web application over one twin.

    It answers only requests for a loopback host name or one of Twilio's, so that no web page can use it.
    """
    app = Flask("twin", static_folder=None)
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost", ".twilio.com"]
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    app.register_blueprint(control_api(twilio))
    app.register_blueprint(rest_api(twilio))
    app.register_blueprint(services.routes(twilio.directory))
    app.register_blueprint(tokens.routes(twilio.directory))
    app.register_blueprint(alerts.routes(twilio))

    @app.errorhandler(BadBody)
    def bad_body(error: BadBody) -> ResponseReturnValue:
        return {"error": str(error)}, HTTPStatus.BAD_REQUEST

    @app.errorhandler(NotKnown)
    def not_known(error: NotKnown) -> ResponseReturnValue:
        return {"error": str(error)}, HTTPStatus.NOT_FOUND

    @app.errorhandler(RestError)
    def rest_error(error: RestError) -> ResponseReturnValue:
        return error.body(), error.status, error.headers

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        if request.path.startswith((f"{PREFIX}/", "/v1/")):
            return from_http(status, request.path).body(), status
        return {"error": f"{error.name}: {error.description}"}, status

    return app
