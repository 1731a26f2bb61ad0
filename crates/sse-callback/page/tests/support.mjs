// What the tests of the page share: a receiver of their own, a cable that can be cut, and a browser.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { join } from "node:path";
import assert from "node:assert/strict";

import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const PROGRAMS = process.env.KAI_TEST_PROGRAMS ?? join(import.meta.dirname, "../../../../target/debug");

/** The settings of this machine must not reach the programs under test. */
export const CLEAN = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(SSE|TEMPORAL|KAI|REDIS|CHAT|OPENAI|ENCRYPT)_/.test(name)),
);

/** A program of ours. */
export function program(name) {
  const path = join(PROGRAMS, name);
  assert.ok(existsSync(path), `${path} is missing: build it first`);
  return path;
}

/** A receiver on a free port, or on this one. */
export async function receiver({ port = 0, flags = [], env = {} } = {}) {
  const child = spawn(program("kai-sse-callback"), ["--port", String(port), ...flags], {
    env: { ...CLEAN, ...env },
    stdio: ["ignore", "pipe", "inherit"],
    cwd: "/",
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([
    once(lines, "line"),
    once(child, "exit").then(() => assert.fail("the receiver ended")),
  ]);
  const url = line.slice(line.indexOf("http"));
  return {
    url,
    port: Number(new URL(url).port),
    /** Ends it as a crash would. */
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Publishes events, one after the other. */
export async function publish(url, session, events, token = null) {
  for (const event of events) {
    const response = await fetch(`${url}/events/${encodeURIComponent(session)}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ session_id: session, event }),
    });
    assert.equal(response.status, 200, await response.text());
  }
}

/** Something between the browser and the receiver that can be cut and mended. */
export async function cable(port) {
  const pairs = new Set();
  const markers = [];
  let whole = true;
  const server = createServer((near) => {
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect(port, "127.0.0.1");
    const pair = { near, far };
    pairs.add(pair);
    const end = () => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    for (const socket of [near, far]) socket.on("error", end).on("close", end);
    near.pipe(far);
    // What comes back is looked through for the next marker, which the browser gets one half of.
    let seen = "";
    far.on("data", (bytes) => {
      const before = seen.length;
      seen += bytes.toString("latin1");
      const at = markers.length === 0 ? -1 : seen.indexOf(markers[0]);
      if (at < 0) {
        seen = seen.slice(-200);
        near.write(bytes);
        return;
      }
      const half = at + Math.ceil(markers.shift().length / 2);
      far.removeAllListeners("data");
      near.end(bytes.subarray(0, Math.max(0, half - before)), end);
    });
    far.on("end", () => near.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Breaks what is open; the next connection works again. */
    cut,
    /** Breaks the connection in the middle of each of these texts in turn, as the browser is to get it. */
    cutAt(...texts) {
      markers.push(...texts);
    },
    /** The texts that have not come yet. */
    get uncut() {
      return markers;
    },
    /** Breaks what is open, and everything that comes. */
    take() {
      whole = false;
      cut();
    },
    mend() {
      whole = true;
    },
    close() {
      cut();
      server.close();
    },
  };
}

let browser = null;

async function running() {
  browser ??= await chromium.launch({
    executablePath: process.env.KAI_TEST_CHROMIUM ?? "/usr/bin/chromium",
    // Root cannot have Chromium's sandbox; what is opened is our own page on this machine.
    // One name of the network points at this machine, as a site can make its own do.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--host-resolver-rules=MAP evil.example 127.0.0.1"],
  });
  return browser;
}

export async function closeBrowser() {
  await browser?.close();
  browser = null;
}

/** A tab. What goes wrong in it, and every breach of its policy, fails the test at its end. */
export async function tab(t, options = {}) {
  const context = await (await running()).newContext({
    locale: "en-GB",
    viewport: { width: 1280, height: 900 },
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  // While one writes the page: its newest bundle, without building the receiver again.
  if (process.env.KAI_TEST_FRESH_PAGE) {
    await page.route(/\/assets\/page\./, async (route) => {
      const response = await route.fetch();
      const body = readFileSync(join(import.meta.dirname, "../dist", new URL(route.request().url()).pathname));
      await route.fulfill({ response, body });
    });
  }
  page.setDefaultTimeout(30_000);
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("dialog", (dialog) => {
    wrong.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    // A connection that is lost or refused is written there by the browser, and is no mistake of the page.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) wrong.push(message.text());
  });
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (!["127.0.0.1", "evil.example"].includes(hostname) || protocol !== "http:") wrong.push(`a request to ${request.url()}`);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(wrong, []);
  });
  return page;
}

/** Presses "Try now", unless the page has come back by itself before that. */
export async function tryNow(page) {
  const pressed = page.getByRole("button", { name: "Try now" }).click();
  await Promise.any([pressed, page.getByText("Connected", { exact: true }).waitFor()]);
}

/** What `look` comes to, once it is as `wanted` says; what is drawn on a canvas comes a little after its words. */
export async function seen(look, wanted) {
  const until = Date.now() + 30_000;
  for (;;) {
    const now = await look();
    if (wanted(now)) return now;
    assert.ok(Date.now() < until, `it stays as it is: ${JSON.stringify(now)}`);
  }
}

/** What axe finds wrong with the page as it is now. */
export async function inaccessible(page) {
  await page.evaluate(readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
  // Off by default: what is pressed with a finger has a place that is large enough.
  const rules = { "target-size": { enabled: true } };
  const { violations } = await page.evaluate((rules) => globalThis.axe.run({ rules }), rules);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
}

/** Opens each address in light and dark, English and Indonesian, on a desk and a phone; axe finds nothing, and nothing is too wide. */
export async function everyLook(t, addresses) {
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
  for (const [locale, lang] of [["en-GB", "en"], ["id-ID", "id"]]) {
    for (const size of [{}, phone]) {
      const page = await tab(t, { locale, ...size });
      for (const { url, ready } of addresses) {
        await page.goto(url);
        await ready(page);
        for (const fold of await page.locator("details").all()) await fold.evaluate((details) => (details.open = true));
        const look = `${url}, ${lang}, ${size === phone ? "phone" : "desk"}`;
        for (const colorScheme of ["dark", "light"]) {
          await page.emulateMedia({ colorScheme });
          assert.deepEqual(await inaccessible(page), [], `${look}, ${colorScheme}`);
        }
        assert.equal(await page.locator("html").getAttribute("lang"), lang, look);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), look);
        if (size !== phone) continue;
        // Some phones zoom in, and stay so, when what is written in has small letters.
        const small = page.locator("input:not([type=checkbox]), select, textarea").evaluateAll((fields) =>
          fields.filter((field) => Number.parseFloat(getComputedStyle(field).fontSize) < 16).map((field) => field.outerHTML));
        assert.deepEqual(await small, [], look);
      }
    }
  }
}

/** The events of a run like the ones of the sample database. */
export const PROVINCES = [
  { provinsi: "Jawa Barat", rata_rata: "512500000.00" },
  { provinsi: "Bali", rata_rata: "498000000.00" },
  { provinsi: "Papua", rata_rata: null },
  { provinsi: "Aceh", rata_rata: "1250000000.50" },
];

export const SQL = "SELECT provinsi, AVG(modal_awal) AS rata_rata FROM koperasi GROUP BY provinsi -- all of them";

export const RUN = [
  { type: "memory_loaded", message: "Found 2 memories", stats: { total: 2 } },
  { type: "thinking", content: "I need the average capital " },
  { type: "thinking", content: "per province." },
  { type: "tool_start", tool: "sql_query", input: { query: SQL } },
  { type: "tool_end", tool: "sql_query", output: '{"success":true,"row_count":4}' },
  { type: "sql_result", sql: SQL, columns: ["provinsi", "rata_rata"], data: PROVINCES, row_count: 4, truncated: false },
  { type: "chart_config", widget_type: "bar", widget_data: PROVINCES, x_axis_key: "provinsi", y_axis_key: "rata_rata" },
  { type: "token", content: "**Aceh** leads, " },
  { type: "token", content: "then Jawa Barat.\n\n| a | b |\n| - | - |\n| 1 | 2 |\n" },
  { type: "suggestions", content: "- Which province has the lowest average?\n- And per year?" },
];

export function done(fields = {}) {
  return { type: "done", result: { status: "completed", final_answer: "", execution_time_ms: 1234, ...fields } };
}
