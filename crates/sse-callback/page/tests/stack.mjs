// A whole stack for the tests that ask: workers with a task queue of their own, and a model that can wait.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { CLEAN, program, receiver } from "./support.mjs";

export const TEMPORAL = process.env.KAI_TEST_TEMPORAL_ADDRESS;

/**
 * The sample database, a worker that answers questions of it, and a receiver that asks them.
 * `databases` are scripts of more databases, by their alias.
 */
export async function stack({ flags = [], env = {}, databases = {} } = {}) {
  assert.ok(TEMPORAL, "KAI_TEST_TEMPORAL_ADDRESS is not set: run make test-page");
  const folder = mkdtempSync(join(tmpdir(), "kai-page-"));
  const koperasi = execFileSync(program("koperasi"), ["--dialect", "sqlite"], { maxBuffer: 1 << 28 });
  const place = (alias) => join(folder, `${alias}.db`);
  const settings = {
    ...CLEAN,
    HOME: folder,
    TEMPORAL_HOST: TEMPORAL,
    TEMPORAL_TASK_QUEUE: `page-${randomUUID()}`,
    KAI_STORE_URL: `sqlite://${join(folder, "kai.db")}`,
    ENCRYPT_KEY: execFileSync(program("kai-worker"), ["key", "generate"], { env: CLEAN, cwd: folder }).toString().trim(),
    HEALTH_PORT: "0",
    ...env,
  };
  for (const [alias, script] of Object.entries({ koperasi, ...databases })) {
    execFileSync("sqlite3", [place(alias)], { input: script });
    const create = ["connection", "create", `sqlite://${place(alias)}`, "-a", alias];
    execFileSync(program("kai-worker"), create, { env: settings, cwd: folder });
  }
  const worker = spawn(program("kai-worker"), ["run"], { env: settings, cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface({ input: worker.stdout })) if (line.includes("ready to process")) break;
  worker.stdout.resume();
  const asks = ["--temporal-host", TEMPORAL, "--temporal-task-queue", settings.TEMPORAL_TASK_QUEUE, ...flags];
  const start = (port = 0) => receiver({ port, flags: asks });
  let front = await start();
  return {
    get url() {
      return front.url;
    },
    /** What a database answers when it is asked directly. */
    query: (alias, sql) => execFileSync("sqlite3", [place(alias), sql]).toString().trim(),
    /** Kills the receiver, as a crash does. */
    crash: () => front.kill(),
    /** Starts it again where it was. */
    async restart() {
      front = await start(front.port);
    },
    async end() {
      await front.kill();
      const gone = once(worker, "exit");
      worker.kill("SIGKILL");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A language model whose turns are given one piece after the other. */
export async function model() {
  let open = null;
  let [requests, heard] = [0, 0];
  const waiting = [];
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    open = response;
    requests += 1;
    response.on("close", () => {
      if (open === response) open = null;
    });
    for (const tell of waiting.splice(0)) tell();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const send = (delta, finish = null) => {
    const choice = { index: 0, delta, finish_reason: finish };
    const chunk = { id: "c", object: "chat.completion.chunk", created: 1, model: "slow", choices: [choice] };
    assert.ok(open, "the worker waits for no turn of the model");
    open.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  return {
    env: {
      CHAT_FAMILY: "openai",
      CHAT_MODEL: "slow",
      CHAT_BASE_URL: `http://127.0.0.1:${server.address().port}/v1`,
      OPENAI_API_KEY: "sk-none",
    },
    /** Waits until the worker asks once more; a request that was given up may still be open then. */
    async asked() {
      if (requests === heard) await new Promise((resolve) => waiting.push(resolve));
      heard = requests;
    },
    say: (content) => send({ role: "assistant", content }),
    /** Calls a tool, which ends the turn. */
    call(name, input) {
      const called = { name, arguments: JSON.stringify(input) };
      send({ role: "assistant", tool_calls: [{ index: 0, id: `call_${name}`, type: "function", function: called }] });
      send({}, "tool_calls");
      open.end("data: [DONE]\n\n");
      open = null;
    },
    finish() {
      send({}, "stop");
      open.end("data: [DONE]\n\n");
      open = null;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
