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

# The answers so far, by webhook-id. In production, use a database: this is lost at every restart, and it only grows.
answered: dict[str, dict[str, Any]] = {}


@app.post("/texts")
async def texts(request: Request) -> Response:
    """Answer one event."""
    # The signature covers the raw body: verify it before you read anything in it.
    try:
        event = webhook.verify(await request.body(), dict(request.headers))
    except (WebhookVerificationError, ValueError) as error:  # ValueError: headers that are not a signature at all
        raise HTTPException(401, "the signature is missing, wrong or too old") from error

    if event["type"] != "sms.message.received.v1":
        return Response(status_code=204)  # a status, or an event of a later version

    # The same text may come again, for example after a time-out. Send the same answer, and do nothing twice.
    webhook_id = request.headers["webhook-id"]
    if webhook_id not in answered:
        answered[webhook_id] = answer(event["data"])
    return JSONResponse(answered[webhook_id])


def answer(text: dict[str, Any]) -> dict[str, Any]:
    """The answer to a text. `text` is untrusted: anybody may have written anything."""
    if text["opt_out"]:
        return {}  # STOP and its like: nothing is sent
    if text["text"].strip().lower() == "bye":
        return {"messages": [{"text": "Goodbye!"}], "end_session": True}
    turn = text["session"]["turn"]
    return {"messages": [{"text": f"{turn}. You wrote: {text['text']}"}]}
