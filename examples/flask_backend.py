"""A backend in Flask.

Install:  pip install flask standardwebhooks
Start:    SIGNING_SECRET=whsec_... flask --app flask_backend run --port 8000
"""

import os
from typing import Any

from flask import Flask, Response, jsonify, request
from standardwebhooks import Webhook, WebhookVerificationError

app = Flask(__name__)
webhook = Webhook(os.environ["SIGNING_SECRET"])

# The answers given so far, by webhook-id. Use a database in earnest: this is forgotten at every restart, and grows.
answered: dict[str, dict[str, Any]] = {}


@app.post("/texts")
def texts() -> Response | tuple[Response | str, int]:
    """Answers one event."""
    # The raw body is what was signed: verify before you read anything in it.
    try:
        event = webhook.verify(request.get_data(), dict(request.headers))
    except (WebhookVerificationError, ValueError):  # ValueError: headers that are no signature at all
        return jsonify(error="the signature is missing, wrong or too old"), 401

    if event["type"] != "sms.message.received.v1":
        return "", 204  # a status, or something that is not invented yet

    # The same text may come again: after a time-out, for example. Give the same answer, and do nothing twice.
    webhook_id = request.headers["webhook-id"]
    if webhook_id not in answered:
        answered[webhook_id] = answer(event["data"])
    return jsonify(answered[webhook_id])


def answer(text: dict[str, Any]) -> dict[str, Any]:
    """What the person gets. `text` is untrusted: anybody may have written anything."""
    if text["opt_out"]:
        return {}  # STOP and its like: nothing is sent
    if text["text"].strip().lower() == "bye":
        return {"messages": [{"text": "Goodbye!"}], "end_session": True}
    turn = text["session"]["turn"]
    return {"messages": [{"text": f"{turn}. You wrote: {text['text']}"}]}
