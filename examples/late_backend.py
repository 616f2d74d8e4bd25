"""A backend in Flask that answers later, for an agent that thinks longer than a request may take.

Install:  pip install flask requests standardwebhooks
Start:    SIGNING_SECRET=whsec_... API_KEY=... SEND_URL=https://... \
          flask --app late_backend run --port 8000

The operator has both: SEND_URL is the `send_url` of a number, and API_KEY the key of a credential.
"""

import os
import time
from threading import Thread
from typing import Any

import requests
from flask import Flask, Response, jsonify, request
from standardwebhooks import Webhook, WebhookVerificationError

SEND_URL, API_KEY = os.environ["SEND_URL"], os.environ["API_KEY"]
PAUSES = (0, 1, 5, 30, 120)  # seconds before each try to send an answer

app = Flask(__name__)
webhook = Webhook(os.environ["SIGNING_SECRET"])

# The texts that are taken, by webhook-id. In production, keep them and your work in a database or a queue: a restart
# loses what a thread is at, and then the text is overdue, and the person gets the failure reply.
taken: set[str] = set()


@app.post("/texts")
def texts() -> tuple[Response | str, int]:
    """Take one event, and promise the answer."""
    # The signature covers the raw body: verify it before you read anything in it.
    try:
        event = webhook.verify(request.get_data(), dict(request.headers))
    except (WebhookVerificationError, ValueError):  # ValueError: headers that are not a signature at all
        return jsonify(error="the signature is missing, wrong or too old"), 401

    if event["type"] != "sms.message.received.v1" or event["data"]["opt_out"]:
        return "", 204  # a status, an event of a later version, or STOP and its like: nothing is sent

    # The same text may come again, for example after a time-out. Promise it again, and do nothing twice.
    webhook_id = request.headers["webhook-id"]
    if webhook_id not in taken:
        taken.add(webhook_id)
        Thread(target=answer_later, args=[event]).start()
    return "", 202


def answer_later(event: dict[str, Any]) -> None:
    """Think, and send the answer."""
    text = event["data"]
    message = {
        "from": text["to"],
        "to": text["from"],
        "account": text["account"],
        "text": think(text["text"]),
        "in_reply_to": event["id"],
    }
    # The key makes repeats harmless: after a time-out or a 503, nobody knows whether the message was queued.
    headers = {"Idempotency-Key": f"answer-{event['id']}"}
    for pause in PAUSES:
        time.sleep(pause)
        try:
            done = requests.post(SEND_URL, json=message, headers=headers, auth=("apikey", API_KEY), timeout=30)
        except requests.RequestException:
            continue
        if done.ok:
            return
        if done.status_code < requests.codes.server_error:  # the JSON says which field is wrong, and why
            app.logger.error("the answer to %s is refused: %s", event["id"], done.text)
            return
    app.logger.error("the answer to %s could not be sent", event["id"])


def think(text: str) -> str:
    """The answer to a text, which is untrusted: anybody may have written anything."""
    time.sleep(2)
    return f"I thought about it. You wrote: {text}"
