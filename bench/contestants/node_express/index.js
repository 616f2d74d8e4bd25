/*
 * Express with Twilio's own middleware, behind serverless-http, with version 3 of the AWS SDK.
 *
 * After Twilio docs, "Secure your Express app by validating incoming Twilio requests" (`twilio.webhook()`, and the
 * answer by MessagingResponse; its option `protocol`, for the TLS ends before the app) and "Security" (HTTP Basic);
 * serverless-http's README; AWS docs, "Best practices for working with AWS Lambda functions" (clients are made outside
 * of the handler). Express hands a rejected promise of a middleware on by itself (Express docs, "Error handling").
 */
"use strict";

const crypto = require("node:crypto");
const { GetSecretValueCommand, SecretsManagerClient } = require("@aws-sdk/client-secrets-manager");
const { SendMessageCommand, SQSClient } = require("@aws-sdk/client-sqs");
const express = require("express");
const serverless = require("serverless-http");
const twilio = require("twilio");

const sqs = new SQSClient({ useQueueUrlAsEndpoint: false }); // else the queue's URL wins over AWS_ENDPOINT_URL
const secretsManager = new SecretsManagerClient();
const app = express();

let known; // the API key and what checks a signature, for the life of the environment

async function know(request, response, next) {
  if (!known) {
    const found = await secretsManager.send(new GetSecretValueCommand({ SecretId: process.env.SECRET_ID }));
    const secret = JSON.parse(found.SecretString);
    known = { apiKey: secret.api_key, requireTwilio: twilio.webhook(secret.auth_token, { protocol: "https" }) };
  }
  next();
}

function same(given, expected) {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && crypto.timingSafeEqual(a, b);
}

function requireKey(request, response, next) {
  const [scheme, credentials = ""] = (request.get("Authorization") ?? "").split(" ");
  const given = Buffer.from(credentials, "base64").toString();
  if (scheme !== "Basic" || !same(given, `apikey:${known.apiKey}`)) {
    return response.sendStatus(401);
  }
  next();
}

function requireTwilio(request, response, next) {
  known.requireTwilio(request, response, next);
}

app.use(express.urlencoded({ extended: false }));

app.post("/sms.receiver/SmsRecv", know, requireKey, requireTwilio, async (request, response) => {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: process.env.QUEUE_URL,
      MessageBody: JSON.stringify(request.body),
      MessageGroupId: request.body.From,
      MessageDeduplicationId: request.body.MessageSid,
    }),
  );
  response.type("text/xml").send(new twilio.twiml.MessagingResponse().toString());
});

module.exports.handler = serverless(app);
