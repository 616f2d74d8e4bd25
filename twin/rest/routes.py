"""The REST API's routes (Twilio docs: "Messages resource", "Media subresource", "IncomingPhoneNumber resource")."""

import socket
import time
from http import HTTPStatus

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from twin.accounts import Number
from twin.carrier import DELIVERED
from twin.directory import NotKnown
from twin.media import PIXEL
from twin.message import API_VERSION, MediaFile
from twin.offline_twilio import OfflineTwilio
from twin.planned import PlannedFailure
from twin.record import Message
from twin.rest import listing, shapes
from twin.rest.account import account_routes
from twin.rest.authentication import authenticated
from twin.rest.creating import create
from twin.rest.errors import RestError
from twin.rest.numbers import changed

PREFIX = f"/{API_VERSION}"
"""The beginning of every path."""

_ACCOUNT = f"{PREFIX}/Accounts/<account_sid>"


def rest_api(twilio: OfflineTwilio) -> Blueprint:
    """The routes of the REST API over one twin, and of the content network that serves its media."""
    routes = Blueprint("rest", __name__)
    _messages(routes, twilio)
    _media(routes, twilio)
    _numbers(routes, twilio)
    account_routes(routes, twilio)
    return routes


def _messages(routes: Blueprint, twilio: OfflineTwilio) -> None:
    @routes.post(f"{_ACCOUNT}/Messages.json")
    def create_message(account_sid: str) -> ResponseReturnValue:
        account = authenticated(twilio.directory, request, account_sid)
        sender, receiver = request.form.get("From", ""), request.form.get("To", "")
        planned = twilio.planned.take(sender, receiver)
        if planned is not None and planned.kind == "status":
            raise RestError(planned.code, receiver, sender, status=planned.status)
        message = create(twilio, account, request.form, DELIVERED if planned is None else planned.ending)
        if planned is not None and planned.kind == "lost_answer":
            _lose(planned)
        return shapes.message(message), HTTPStatus.CREATED

    @routes.get(f"{_ACCOUNT}/Messages.json")
    def list_messages(account_sid: str) -> ResponseReturnValue:
        authenticated(twilio.directory, request, account_sid)
        messages = [message for message in twilio.ledger.all() if _is_listed(message, account_sid)]
        matching = listing.filtered(messages, request.args)
        return listing.page(
            matching, "messages", request.path, request.args, sid=lambda message: message.sid, shape=shapes.message
        )

    @routes.get(f"{_ACCOUNT}/Messages/<sid>.json")
    def fetch_message(account_sid: str, sid: str) -> ResponseReturnValue:
        authenticated(twilio.directory, request, account_sid)
        return shapes.message(_message(twilio, account_sid, sid))


def _media(routes: Blueprint, twilio: OfflineTwilio) -> None:
    @routes.get(f"{_ACCOUNT}/Messages/<sid>/Media.json")
    def list_media(account_sid: str, sid: str) -> ResponseReturnValue:
        authenticated(twilio.directory, request, account_sid)
        message = _message(twilio, account_sid, sid)
        return listing.page(
            message.media,
            "media_list",
            request.path,
            request.args,
            sid=lambda media: media.sid,
            shape=lambda media: shapes.media(message, media),
        )

    @routes.get(f"{_ACCOUNT}/Messages/<sid>/Media/<media_sid>.json")
    def fetch_media(account_sid: str, sid: str, media_sid: str) -> ResponseReturnValue:
        authenticated(twilio.directory, request, account_sid)
        message = _message(twilio, account_sid, sid)
        return shapes.media(message, _file(message, media_sid))

    @routes.get(f"{_ACCOUNT}/Messages/<sid>/Media/<media_sid>")
    def media_content(account_sid: str, sid: str, media_sid: str) -> ResponseReturnValue:
        try:
            protected = twilio.directory.account(account_sid).protected_media
        except NotKnown:
            protected = True
        if protected:
            authenticated(twilio.directory, request, account_sid)
        key = _file(_message(twilio, account_sid, sid), media_sid).key
        return redirect(f"{request.url_root}media/{key}", HTTPStatus.TEMPORARY_REDIRECT)

    @routes.get("/media/<key>")
    def content(key: str) -> ResponseReturnValue:
        for media in (media for message in twilio.ledger.all() for media in message.media):
            if media.key == key:
                return Response(PIXEL if media.content is None else media.content, content_type=media.content_type)
        message = f"media: there is none at {request.path}."
        raise NotKnown(message)


def _numbers(routes: Blueprint, twilio: OfflineTwilio) -> None:
    @routes.get(f"{_ACCOUNT}/IncomingPhoneNumbers.json")
    def list_numbers(account_sid: str) -> ResponseReturnValue:
        authenticated(twilio.directory, request, account_sid)
        wanted_number = request.args.get("PhoneNumber", "")
        numbers = [
            number
            for number in twilio.directory.numbers()
            if number.account_sid == account_sid and number.is_phone_number
        ]
        return listing.page(
            [number for number in numbers if wanted_number in number.number],
            "incoming_phone_numbers",
            request.path,
            request.args,
            sid=lambda number: number.sid,
            shape=shapes.number,
        )

    @routes.get(f"{_ACCOUNT}/IncomingPhoneNumbers/<sid>.json")
    def fetch_number(account_sid: str, sid: str) -> ResponseReturnValue:
        authenticated(twilio.directory, request, account_sid)
        return shapes.number(_number(twilio, account_sid, sid))

    @routes.post(f"{_ACCOUNT}/IncomingPhoneNumbers/<sid>.json")
    def update_number(account_sid: str, sid: str) -> ResponseReturnValue:
        authenticated(twilio.directory, request, account_sid)
        number = changed(_number(twilio, account_sid, sid), request.form)
        twilio.directory.put_number(number)
        return shapes.number(number)


def _is_listed(message: Message, account_sid: str) -> bool:
    """Whether the account's lists show the message.

    They leave out Twilio's own answers to opt-out words (Twilio help: "Getting Started with Advanced Opt-Out…").
    """
    return message.account_sid == account_sid and message.by != "twilio"


def _message(twilio: OfflineTwilio, account_sid: str, sid: str) -> Message:
    message = twilio.ledger.find(sid)
    if message is None or not _is_listed(message, account_sid):
        raise RestError(20404, request.path)
    return message


def _file(message: Message, media_sid: str) -> MediaFile:
    for media in message.media:
        if media.sid == media_sid:
            return media
    raise RestError(20404, request.path)


def _number(twilio: OfflineTwilio, account_sid: str, sid: str) -> Number:
    for number in twilio.directory.numbers():
        if number.account_sid == account_sid and number.sid == sid:
            return number
    raise RestError(20404, request.path)


def _lose(planned: PlannedFailure) -> None:
    """Close the connection before the response, after the planned wait. The response is then lost."""
    time.sleep(planned.seconds)
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
