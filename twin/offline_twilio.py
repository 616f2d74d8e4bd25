"""The offline Twilio as a whole: texts come in and messages go out. Its state lives as long as the process."""

import threading
import uuid
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from twin.attempts import HookOutcome
from twin.callbacks import Callbacks
from twin.carrier import DELIVERED, Carrier, Ending
from twin.debugger import Alert
from twin.delivery import Delivery, deliver, no_webhook
from twin.directory import Directory, NotKnown
from twin.inbound import new_text
from twin.lanes import Lanes
from twin.ledger import Ledger
from twin.message import MAX_CHARACTERS, MediaFile, Signing, Text, new_message_sid
from twin.opt_out import TwinOptOuts, opt_out_type
from twin.planned import PlannedFailures
from twin.record import Message, now
from twin.signing import Fields
from twin.twiml import no_replies
from twin.webhook_call import call
from twin.webhook_try import HookSender
from twin.webhook_url import WebhookUrl

OPTED_OUT = 21610
"""Twilio's error code for a message to a person who has opted out (Twilio docs: "21610: Attempt to send to unsubscribed
recipient")."""

_INVALID_BODY = (14103, "Invalid Body")
"""A reply that is empty or too long is not sent (Twilio docs: "14103: Message Invalid Body")."""


class OfflineTwilio:
    """The directory, the messages, the phones and the debugger.

    Args:
        time_scale: Multiplies every wait of Twilio's; 1.0 for the real times.
    """

    def __init__(self, time_scale: float = 1.0) -> None:
        self.directory = Directory()
        self.ledger = Ledger()
        self.planned = PlannedFailures()
        self.opt_outs = TwinOptOuts()
        self.callbacks = Callbacks(self.ledger, self._call_back)
        self._carrier = Carrier(self.ledger, self._report_status, time_scale)
        self._time_scale = time_scale
        self._arrivals = Lanes()
        self._lock = threading.Lock()
        self._texts: dict[str, Text] = {}
        self._alerts: list[Alert] = []

    @property
    def idle(self) -> bool:
        """Whether nothing is on its way: no message, no text between two numbers, and no callback."""
        return self._carrier.idle and self._arrivals.idle and self.callbacks.idle

    def alerts(self) -> list[Alert]:
        """The debugger's entries, the newest last."""
        with self._lock:
            return list(self._alerts)

    def receive(self, text: Text) -> Delivery:
        """Receive a text that somebody sends to a number: answer an opt-out word, and deliver the text.

        Raises:
            NotKnown: Its number no longer exists.
        """
        number = self.directory.number_for(text.number)
        if self.directory.routed(number) is None:
            return no_webhook(text)
        self.ledger.add(_inbound(text, number.account_sid))
        kind = opt_out_type(number, text.receiver, text.body)
        if kind is not None:
            answer = self.opt_outs.apply(text.receiver, text.sender, kind)
            self._reply(text, answer, "twilio")
        return self.send(text)

    def send(self, text: Text) -> Delivery:
        """Deliver a text and remember it. Its webhook's replies go to the sender's phone.

        Raises:
            NotKnown: Its number or that number's account no longer exists.
        """
        number = self.directory.number_for(text.number)
        routed_number = self.directory.routed(number)
        if routed_number is None:
            return no_webhook(text)
        token = text.signing.sign_with or self.directory.account(number.account_sid).auth_token
        sender = HookSender(token, text.signing.signature, text.idempotency_token, self.directory.connections())
        with self._lock:
            self._texts[text.message_sid] = text
        delivery, alerts = deliver(text, routed_number, sender, time_scale=self._time_scale)
        for reply in delivery.reply:
            if 0 < len(reply) <= MAX_CHARACTERS:
                self._reply(text, reply, "twiml")
            else:
                url, account_sid = delivery.attempts[-1].url, number.account_sid
                alerts.append(Alert(*_INVALID_BODY, text.message_sid, text.number, url, account_sid))
        with self._lock:
            self._alerts += alerts
        return delivery

    def send_again(self, message_sid: str, signing: Signing | None) -> Delivery:
        """Deliver a text's form again, byte for byte.

        Args:
            message_sid: The text's SID.
            signing: How it is signed this time; None for the same way as before.

        Raises:
            NotKnown: There was no such text, or its number no longer exists.
        """
        with self._lock:
            text = self._texts.get(message_sid)
        if text is None:
            message = f"message_sid: there was no text {message_sid}."
            raise NotKnown(message)
        return self.send(text if signing is None else replace(text, signing=signing))

    def create(  # noqa: PLR0913 -- one parameter for each thing that a message has
        self,
        *,
        account_sid: str,
        sender: str,
        receiver: str,
        body: str,
        media: Sequence[MediaFile],
        status_callback: WebhookUrl | None,
        ending: Ending = DELIVERED,
    ) -> Message:
        """Send a message for the REST API, which has checked it.

        Returns:
            The message in its first status, queued.
        """
        sid = new_message_sid(media)
        message = Message(
            sid,
            account_sid,
            sender,
            receiver,
            body,
            tuple(media),
            "outbound-api",
            "api",
            status_callback=status_callback,
        )
        self._carrier.carry(message, ending)
        return message

    def _reply(self, text: Text, body: str, by: str) -> None:
        blocked = by != "twilio" and self.opt_outs.blocks(text.receiver, text.sender)
        account_sid = self.directory.number_for(text.number).account_sid
        sid = new_message_sid(())
        message = Message(sid, account_sid, text.receiver, text.sender, body, (), "outbound-reply", by)
        self._carrier.carry(message, Ending("failed", OPTED_OUT) if blocked else DELIVERED)

    def _report_status(self, message: Message) -> None:
        self.callbacks.report(message)
        number = self.directory.find_number(message.receiver) if message.status == "delivered" else None
        if number is not None:
            text = new_text(
                number, sender=message.sender, receiver=message.receiver, body=message.body, media=message.media
            )
            self._arrivals.add(text.message_sid, partial(self._arrive, text))

    def _arrive(self, text: Text) -> None:
        try:
            self.receive(text)
        except NotKnown:
            return  # the number was deleted while the message was on its way

    def _call_back(self, message: Message, fields: Fields) -> HookOutcome:
        token = self.directory.account(message.account_sid).auth_token
        sender = HookSender(token, None, str(uuid.uuid4()), self.directory.connections(), no_replies)
        url = message.status_callback
        if url is None:
            raise ValueError
        outcome = call(sender, "status_callback", url, "POST", fields, time_scale=self._time_scale)
        if outcome.failure is not None:
            failure, account_sid = outcome.failure, message.account_sid
            alert = Alert(
                failure.code, failure.message, message.sid, message.sender, url.url, account_sid, status=outcome.status
            )
            with self._lock:
                self._alerts.append(alert)
        return outcome


def _inbound(text: Text, account_sid: str) -> Message:
    moment = now()
    return Message(
        text.message_sid,
        account_sid,
        text.sender,
        text.receiver,
        text.body,
        text.media,
        "inbound",
        "person",
        status="received",
        created=moment,
        sent=moment,
    )
