// A backend in Express.
//
// Install:  npm install express standardwebhooks
// Start:    SIGNING_SECRET=whsec_... node express_backend.mjs

import express from "express";
import { Webhook } from "standardwebhooks";

const app = express();
const webhook = new Webhook(process.env.SIGNING_SECRET);

// The answers so far, by webhook-id. In production, use a database: this is lost at every restart, and it only grows.
const answered = new Map();

// The signature covers the raw body: do not use express.json() before this.
app.post("/texts", express.raw({ type: "application/cloudevents+json", limit: "512kb" }), (request, response) => {
  let event;
  try {
    event = webhook.verify(request.body, request.headers);
  } catch {
    return response.status(401).json({ error: "the signature is missing, wrong or too old" });
  }

  if (event.type !== "sms.message.received.v1") {
    return response.status(204).end(); // a status, or an event of a later version
  }

  // The same text may come again, for example after a time-out. Send the same answer, and do nothing twice.
  const webhookId = request.headers["webhook-id"];
  if (!answered.has(webhookId)) {
    answered.set(webhookId, answer(event.data));
  }
  return response.json(answered.get(webhookId));
});

// The answer to a text. `text` is untrusted: anybody may have written anything.
function answer(text) {
  if (text.opt_out) {
    return {}; // STOP and its like: nothing is sent
  }
  if (text.text.trim().toLowerCase() === "bye") {
    return { messages: [{ text: "Goodbye!" }], end_session: true };
  }
  return { messages: [{ text: `${text.session.turn}. You wrote: ${text.text}` }] };
}

app.listen(Number(process.env.PORT ?? 8000), process.env.HOST ?? "127.0.0.1");
