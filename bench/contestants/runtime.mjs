/*
 * A Lambda runtime for Node: loads $LAMBDA_TASK_ROOT's function $_HANDLER and gives it one event after the other, from
 * $AWS_LAMBDA_RUNTIME_API, over one connection.
 *
 * AWS's own client for Node (aws-lambda-ric) is not used here, because npm builds its C++ part with autotools and CMake
 * wherever it installs it. Like that client, this one loads a .js file with `require` and ends with exit code 1 when it
 * cannot be loaded.
 *
 * Source: AWS docs, "Using the Lambda runtime API for custom runtimes" and "Using the Lambda context object to retrieve
 * Node.js function information".
 */
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

const { AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT, _HANDLER } = process.env;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function ask(method, name, value) {
  const body = value === undefined ? "" : JSON.stringify(value);
  const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
  const url = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/${name}`;
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(parts).toString() }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

function told(error) {
  return {
    errorType: error?.name ?? "Error",
    errorMessage: error?.message ?? String(error),
    stackTrace: error?.stack?.split("\n") ?? [],
  };
}

function context(headers) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    getRemainingTimeInMillis: () => Number(headers["lambda-runtime-deadline-ms"]) - Date.now(),
  };
}

async function load() {
  const [module, name] = _HANDLER.split(".");
  try {
    return createRequire(import.meta.url)(path.join(LAMBDA_TASK_ROOT, `${module}.js`))[name];
  } catch (error) {
    await ask("POST", "init/error", told(error));
    throw error;
  }
}

const handler = await load();
for (;;) {
  const { headers, body } = await ask("GET", "invocation/next");
  const invocation = `invocation/${headers["lambda-runtime-aws-request-id"]}`;
  let value;
  try {
    value = await handler(JSON.parse(body), context(headers));
  } catch (error) {
    await ask("POST", `${invocation}/error`, told(error));
    continue;
  }
  await ask("POST", `${invocation}/response`, value ?? null);
}
