"""A backend in FastAPI.

Install:  pip install fastapi uvicorn standardwebhooks
Start:    SIGNING_SECRET=whsec_... uvicorn fastapi_backend:app --port 8000
"""

import os
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from standardwebhooks import Webhook, WebhookVerificationError

app = FastAPI()
webhook = Webhook(os.environ["SIGNING_SECRET"])

# The answers given so far, by webhook-id. Use a database in earnest: this is forgotten at every restart, and grows.
answered: dict[str, dict[str, Any]] = {}


@app.post("/texts")
async def texts(request: Request) -> Response:
    """Answers one event."""
    # The raw body is what was signed: verify before you read anything in it.
    try:
        event = webhook.verify(await request.body(), dict(request.headers))
    except (WebhookVerificationError, ValueError) as error:  # ValueError: headers that are no signature at all
        raise HTTPException(401, "the signature is missing, wrong or too old") from error

    if event["type"] != "sms.message.received.v1":
        return Response(status_code=204)  # a status, or something that is not invented yet

    # The same text may come again: after a time-out, for example. Give the same answer, and do nothing twice.
    webhook_id = request.headers["webhook-id"]
    if webhook_id not in answered:
        answered[webhook_id] = answer(event["data"])
    return JSONResponse(answered[webhook_id])


def answer(text: dict[str, Any]) -> dict[str, Any]:
    """What the person gets. `text` is untrusted: anybody may have written anything."""
    if text["opt_out"]:
        return {}  # STOP and its like: nothing is sent
    if text["text"].strip().lower() == "bye":
        return {"messages": [{"text": "Goodbye!"}], "end_session": True}
    turn = text["session"]["turn"]
    return {"messages": [{"text": f"{turn}. You wrote: {text['text']}"}]}
