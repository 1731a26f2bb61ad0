// Asking: a person with a browser and nothing else asks, approves a plan, pauses and stops.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";

import { model, stack, TEMPORAL } from "./stack.mjs";
import { closeBrowser, everyLook, inaccessible, receiver, seen, tab } from "./support.mjs";

const QUESTION = "Tampilkan top 5 provinsi dengan rata-rata modal awal koperasi tertinggi";

/** A second database with a table of the same name as the sample's. */
const BRANCH = `
  CREATE TABLE koperasi (id INTEGER PRIMARY KEY, nama_koperasi TEXT NOT NULL, provinsi TEXT NOT NULL);
  INSERT INTO koperasi VALUES (1, 'Melati', 'Bali'), (2, 'Mawar', 'Bali'), (3, 'Kenanga', 'Aceh');
`;

let here;
before(async () => {
  here = await stack({ databases: { ranting: BRANCH } });
});
after(async () => {
  await closeBrowser();
  await here.end();
});

async function ask(page, question, { planFirst = false } = {}) {
  await page.getByLabel("Your question").fill(question);
  await page.getByLabel("Show me the plan first").setChecked(planFirst);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
}

test("a question is asked and answered, and is found again", async (t) => {
  const page = await tab(t);
  await page.goto(here.url);
  await page.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" });
  assert.deepEqual(await inaccessible(page), []);
  await ask(page, QUESTION);
  const run = page.getByRole("article", { name: QUESTION });
  await run.getByText(/^Answered · /).waitFor();
  await run.locator(".answer-text").getByText("DKI Jakarta").waitFor();
  await run.locator(".result .sql").first().waitFor();
  assert.equal(await run.locator(".result").getByRole("table").locator("tbody tr").count(), 5);
  assert.equal(await run.getByRole("region", { name: "Steer this run" }).isVisible(), false);

  const entry = page.getByRole("navigation", { name: "Recent sessions" }).getByRole("link", { name: QUESTION });
  await entry.getByText("Answered").waitFor();
  assert.equal(await entry.getAttribute("aria-current"), "page");
  assert.deepEqual(await inaccessible(page), []);

  // The next question of the same conversation, by a suggestion where there is one.
  await ask(page, "Ada berapa koperasi?");
  await page.getByRole("article", { name: "Ada berapa koperasi?" }).getByText(/^Answered · /).waitFor();
  assert.equal(await page.getByRole("article").count(), 2);

  // Somebody else comes by the address alone.
  const other = await tab(t);
  await other.goto(page.url());
  await other.getByRole("article", { name: "Ada berapa koperasi?" }).getByText(/^Answered · /).waitFor();
  await other.getByRole("article", { name: QUESTION }).waitFor();
  assert.equal(await other.getByRole("article").count(), 2);
});

test("a run that ends before its question is confirmed is shown once, under its question", async (t) => {
  const page = await tab(t);
  await page.goto(here.url);
  await page.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" });
  await ask(page, "Ada berapa koperasi?");
  await page.getByRole("article").first().getByText(/^Answered · /).waitFor();

  // The receiver's answer takes a slower way than the events: one run is over, another has begun by then.
  for (const [number, question] of ["Ada berapa provinsi?", QUESTION].entries()) {
    const newest = page.getByRole("article").nth(number + 1);
    const seen = number === 0 ? newest.getByText(/^Answered · /) : newest.getByText(/^\d+ steps?/);
    await page.route("**/api/questions", async (route) => {
      const response = await route.fetch();
      await seen.waitFor();
      await route.fulfill({ response });
    });
    await ask(page, question);
    await page.waitForFunction(() => document.querySelector("#prompt").value === "");
    await page.unroute("**/api/questions");
    await page.getByRole("article", { name: question }).getByText(/^Answered · /).waitFor();
  }
  const asked = ["Ada berapa koperasi?", "Ada berapa provinsi?", QUESTION];
  assert.deepEqual(await page.getByRole("article").getByRole("heading", { level: 2 }).allTextContents(), asked);
  await page.reload();
  await page.getByRole("article", { name: QUESTION }).getByText(/^Answered · /).waitFor();
  assert.deepEqual(await page.getByRole("article").getByRole("heading", { level: 2 }).allTextContents(), asked);
});

test("the list of sessions knows what the page knows, also while Temporal's own list lags behind", async (t) => {
  const page = await tab(t);
  await page.route("**/api/sessions", (route) => route.fulfill({ json: { sessions: [] } }));
  await page.goto(here.url);
  await page.getByText("No questions yet.").waitFor();
  await ask(page, "Ada berapa koperasi?", { planFirst: true });
  const entry = page.getByRole("navigation").getByRole("link", { name: "Ada berapa koperasi?" });
  await entry.getByText("The plan waits for you").waitFor();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await entry.getByText("Stopped", { exact: true }).waitFor();
});

test("a receiver that cannot ask at first is asked again, until it can", async (t) => {
  const page = await tab(t);
  const detail = "no worker answers; start kai-worker, or try again later";
  await page.route("**/api/connections", (route) => route.fulfill({ status: 503, json: { detail } }));
  await page.goto(here.url);
  const trouble = page.getByRole("alert").getByText(detail);
  await trouble.waitFor();
  // That there are none is not known.
  assert.equal(await page.getByText("No databases are set up").count(), 0);
  await page.unroute("**/api/connections");
  await page.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" });
  await trouble.waitFor({ state: "hidden" });
});

test("the database that is chosen is asked, and a session that is opened again brings its own", async (t) => {
  const page = await tab(t);
  await page.goto(here.url);
  const database = page.getByLabel("Database");
  await page.getByRole("option", { name: "ranting (sqlite)" }).waitFor({ state: "attached" });
  assert.deepEqual((await database.locator("option").allTextContents()).toSorted(), ["koperasi (sqlite)", "ranting (sqlite)"]);
  const chosen = () => database.evaluate((select) => select.selectedOptions[0].textContent);
  const question = "Ada berapa koperasi?";
  const sessions = {};
  for (const alias of ["ranting", "koperasi"]) {
    const count = here.query(alias, "SELECT count(*) FROM koperasi");
    await page.getByRole("button", { name: "New conversation" }).click();
    await database.selectOption({ label: `${alias} (sqlite)` });
    // Another language keeps what was written and chosen.
    await page.getByLabel("Your question").fill("Ada");
    await page.getByLabel("Show me the plan first").check();
    await page.getByRole("button", { name: "Bahasa Indonesia" }).click();
    assert.equal(await page.getByLabel("Pertanyaan Anda").inputValue(), "Ada");
    assert.equal(await page.getByLabel("Tunjukkan rencananya dulu").isChecked(), true);
    await page.getByRole("button", { name: "English" }).click();
    assert.equal(await chosen(), `${alias} (sqlite)`);
    await ask(page, question);
    await page.getByRole("article", { name: question }).getByText(/^Answered · /).waitFor();
    assert.equal(await page.locator(".result tbody td").textContent(), count);
    assert.equal(await chosen(), `${alias} (sqlite)`);
    sessions[alias] = new URL(page.url()).searchParams.get("session");
  }

  // From the list, and by the address alone, as in another browser.
  const choice = (tab, alias) =>
    tab.waitForFunction((wanted) => document.querySelector("#connection").selectedOptions[0]?.textContent === wanted, `${alias} (sqlite)`);
  for (const alias of ["ranting", "koperasi", "ranting"]) {
    await page.locator(`.sessions a[data-session="${sessions[alias]}"]`).click();
    await page.getByRole("article", { name: question }).getByText(/^Answered · /).waitFor();
    await choice(page, alias);
    const other = await tab(t);
    await other.goto(page.url());
    await choice(other, alias);
  }
  // What somebody chooses then stays, also when the next answer comes.
  await database.selectOption({ label: "koperasi (sqlite)" });
  await ask(page, question);
  await page.getByRole("article").nth(1).getByText(/^Answered · /).waitFor();
  assert.equal(await page.locator(".result tbody td").last().textContent(), here.query("koperasi", "SELECT count(*) FROM koperasi"));
  assert.equal(await chosen(), "koperasi (sqlite)");
});

test("a suggestion is asked by a click", async (t) => {
  const page = await tab(t);
  await page.goto(here.url);
  await page.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" });
  await ask(page, "Ada berapa koperasi per provinsi?");
  const suggestion = page.locator(".suggestions button").first();
  await suggestion.waitFor();
  const question = await suggestion.textContent();
  await suggestion.click();
  await page.getByRole("article", { name: question }).getByText(/^(Answered|Not answered)/).waitFor();
});

test("a plan is rejected with a reason, and the next one accepted, with the keyboard alone", async (t) => {
  const page = await tab(t);
  await page.goto(here.url);
  await page.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" });
  const tabTo = async (locator) => {
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press("Tab");
      if (await locator.evaluate((element) => element === document.activeElement)) return;
    }
    assert.fail("it cannot be reached by keyboard");
  };
  await tabTo(page.getByLabel("Your question"));
  await page.keyboard.type("Ada berapa koperasi?");
  await tabTo(page.getByLabel("Show me the plan first"));
  await page.keyboard.press("Space");
  await tabTo(page.getByRole("button", { name: "Ask", exact: true }));
  await page.keyboard.press("Enter");

  await page.getByRole("article").getByText("The plan waits for you").waitFor();
  const items = page.locator(".todo li");
  await items.nth(1).waitFor();
  assert.deepEqual(await inaccessible(page), []);
  const before = await items.allTextContents();
  await tabTo(page.getByLabel("What should be different?"));
  await page.keyboard.type("hanya di Bali");
  await tabTo(page.getByRole("button", { name: "Reject", exact: true }));
  await page.keyboard.press("Enter");
  // The next plan is another one, and has been made when it waits in its turn.
  await page.waitForFunction((before) => {
    const now = [...document.querySelectorAll(".todo li")].map((item) => item.textContent);
    return now.length > 1 && now.join() !== before.join();
  }, before);
  const session = new URL(page.url()).searchParams.get("session");
  const standing = async () => (await fetch(`${here.url}/api/sessions/${session}`)).json();
  await seen(standing, ({ status }) => status === "awaiting_approval");
  // How the page asks, too: what it heard before that is out of date.
  await page.waitForResponse((response) => response.url().includes(`/api/sessions/${session}`));
  await page.getByRole("article").getByText("The plan waits for you").waitFor();
  await tabTo(page.getByRole("button", { name: "Accept the plan" }));
  await page.keyboard.press("Enter");
  await page.getByRole("article").getByText(/^Answered · /).waitFor();
  // Whoever pressed a button that is gone is not thrown to the top of the page.
  assert.ok(await page.evaluate(() => document.activeElement !== document.body));
});

test("the question box and a plan that waits can be used by everybody, in any light, language and size", async (t) => {
  const first = await tab(t);
  await first.goto(here.url);
  await first.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" });
  await ask(first, QUESTION, { planFirst: true });
  await first.getByRole("article").getByText("The plan waits for you").waitFor();
  await everyLook(t, [
    { url: here.url, ready: (page) => page.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" }) },
    { url: first.url(), ready: (page) => page.getByRole("button", { name: /^(Stop|Hentikan)$/ }).waitFor() },
  ]);
  // Somebody who listens is told that it is their turn.
  await first.getByRole("status").filter({ hasText: "The plan waits for you" }).waitFor();
});

test("a token that is needed is asked for before anything else", async (t) => {
  const closed = await stack({ flags: ["--subscribe-token", "sesame-open-2"] });
  t.after(() => closed.end());
  const page = await tab(t);
  await page.goto(closed.url);
  await page.getByRole("heading", { name: "This session needs a token" }).waitFor();
  assert.equal(await page.getByLabel("Your question").isVisible(), false);
  await page.getByLabel("Token").fill("sesame-open-2");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await page.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" });
  await ask(page, "Ada berapa koperasi?");
  await page.getByRole("article").getByText(/^Answered · /).waitFor();
});

test("another site in the same browser can neither ask nor see what was asked", async (t) => {
  const page = await tab(t);
  const { port } = new URL(here.url);
  const rebound = `http://evil.example:${port}`;
  // Its name points here now, so to the browser this is one site, and the answers are its own to read.
  const opened = await page.goto(rebound);
  assert.equal(opened.status(), 421);
  const tried = await page.evaluate(async () => {
    const body = JSON.stringify({ prompt: "Ada berapa koperasi?", connection_id: "koperasi", session_id: "stolen" });
    const headers = { "content-type": "application/json" };
    const answers = [fetch("/api/sessions"), fetch("/api/connections"), fetch("/api/questions", { method: "POST", body, headers })];
    return Promise.all(answers.map(async (answer) => (await answer).status));
  });
  assert.deepEqual(tried, [421, 421, 421]);

  // A page of another origin can send something, but nothing that is taken.
  const other = await receiver();
  t.after(() => other.kill());
  const elsewhere = await tab(t);
  await elsewhere.goto(`${other.url}/healthz`);
  await elsewhere.evaluate(async (url) => {
    const body = JSON.stringify({ prompt: "Ada berapa koperasi?", connection_id: "koperasi", session_id: "stolen" });
    await fetch(`${url}/api/questions`, { method: "POST", mode: "no-cors", body });
    await fetch(`${url}/api/sessions/stolen/stop`, { method: "POST", mode: "no-cors", body: "{}" });
  }, here.url);
  const stolen = await fetch(`${here.url}/api/sessions/stolen`);
  assert.equal(stolen.status, 404);
});

test("on a phone, in Indonesian, nothing is wider than the screen", async (t) => {
  const page = await tab(t, { locale: "id-ID", viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
  await page.goto(here.url);
  await page.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" });
  await page.getByLabel("Pertanyaan Anda").fill(QUESTION);
  await page.getByRole("button", { name: "Tanyakan", exact: true }).tap();
  await page.getByRole("article").getByText(/^Terjawab · /).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  assert.deepEqual(await inaccessible(page), []);

  // What was asked before is a tap away, and leaves the room to the answer again.
  const entry = page.getByRole("navigation").getByRole("link", { name: QUESTION }).first();
  assert.equal(await entry.isVisible(), false);
  await page.getByRole("button", { name: "Sesi terbaru" }).tap();
  await entry.waitFor();
  assert.deepEqual(await inaccessible(page), []);
  await entry.tap();
  await entry.waitFor({ state: "hidden" });
  await page.getByRole("article", { name: QUESTION }).waitFor();
});

test("the newest question stays in sight while its answer grows, until somebody scrolls", async (t) => {
  const slow = await model();
  t.after(() => slow.close());
  const other = await stack({ env: slow.env });
  t.after(() => other.end());
  const page = await tab(t, { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
  await page.goto(other.url);
  await page.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" });
  const lines = (word) => Array.from({ length: 30 }, () => `- ${word}\n`).join("");
  const answer = async (question, said) => {
    await ask(page, question);
    await slow.asked();
    slow.say(`<answer>${said}`);
    const run = page.getByRole("article", { name: question });
    await run.locator(".answer-text").waitFor();
    return run;
  };
  const first = await answer("Ada berapa koperasi?", `${lines("first")}\n`);
  slow.say("</answer>");
  slow.finish();
  await first.getByText(/^Answered/).waitFor();
  const second = await answer("Ada berapa provinsi?", "Let me see.\n\n");
  // Too short to stand at the top yet; it comes to stand there, and stays.
  const header = await page.getByRole("banner").evaluate((element) => element.getBoundingClientRect().bottom);
  const top = () => second.evaluate((element) => element.getBoundingClientRect().top);
  for (const word of ["one", "two"]) {
    slow.say(lines(word));
    await second.getByText(word, { exact: true }).nth(29).waitFor();
    const now = await top();
    assert.ok(now >= header && now < header + 40, `${now} under ${header}`);
  }
  assert.equal(await page.title(), "Ada berapa provinsi? · KAI");

  const where = await page.evaluate(() => scrollY);
  await page.mouse.move(180, 300);
  await page.mouse.wheel(0, -400);
  await page.waitForFunction((where) => scrollY < where, where);
  // It has come to rest where ten frames find it at the same place.
  const before = await page.evaluate(async () => {
    for (let [last, frames] = [scrollY, 0]; frames < 10; frames = scrollY === last ? frames + 1 : 0) {
      last = scrollY;
      await new Promise(requestAnimationFrame);
    }
    return scrollY;
  });
  slow.say(lines("three"));
  await second.getByText("three", { exact: true }).nth(29).waitFor();
  assert.equal(await page.evaluate(() => scrollY), before);
});

test("what is reached by keyboard is not hidden behind the question box", async (t) => {
  for (const size of [{ width: 1280, height: 700 }, { width: 360, height: 640 }, { width: 640, height: 360 }]) {
    const page = await tab(t, { viewport: size });
    await page.goto(here.url);
    await page.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" });
    await ask(page, QUESTION);
    await page.getByRole("article").getByText(/^Answered · /).waitFor();
    for (const fold of await page.locator("details").all()) await fold.evaluate((details) => (details.open = true));
    await page.getByRole("article").evaluate((run) => run.querySelector("h2").focus());
    let reached = 0;
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press("Tab");
      const seen = await page.evaluate(() => {
        const element = document.activeElement;
        if (element.closest("article") === null) return null;
        const { left, top, width, height } = element.getBoundingClientRect();
        const parts = [0.1, 0.3, 0.5, 0.7, 0.9];
        const hits = (x, y) => element.contains(document.elementFromPoint(left + x * width, top + y * height));
        return { seen: parts.some((x) => parts.some((y) => hits(x, y))), what: element.outerHTML.slice(0, 80) };
      });
      if (seen === null) break;
      assert.ok(seen.seen, `${size.width}: ${seen.what}`);
      reached += 1;
    }
    assert.ok(reached > 10, String(reached));
  }
});

test("a run is paused, resumed and stopped, and outlives a crash of the receiver", async (t) => {
  const slow = await model();
  t.after(() => slow.close());
  const other = await stack({ env: slow.env });
  t.after(() => other.end());
  const page = await tab(t);
  await page.goto(other.url);
  await page.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" });
  await ask(page, "Ada berapa koperasi?");
  await slow.asked();
  slow.say("<thinking>Let me see</thinking><answer>There are ");
  await page.locator(".answer-text").getByText("There are").waitFor();

  await page.getByLabel("Reason (optional)").fill("lunch");
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.getByRole("article").getByText("Paused", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await slow.asked();
  slow.say("<answer>There are <b>many</b> ");
  await page.locator(".answer-text").getByText("There are <b>many</b>").waitFor();

  // The receiver is gone for a while; the run is not.
  await other.crash();
  await page.getByText("Connection lost, trying again…").waitFor();
  await other.restart();
  slow.say("cooperatives");
  await page.locator(".answer-text").getByText(/cooperatives$/).waitFor();
  const answer = (await page.locator(".answer-text").textContent()).trim();
  assert.equal(answer, "There are <b>many</b> cooperatives");

  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.getByRole("article").getByText(/^Stopped · /).waitFor();
  await page.getByRole("button", { name: "Stop", exact: true }).waitFor({ state: "hidden" });
  const entry = page.getByRole("navigation").getByRole("link", { name: "Ada berapa koperasi?" });
  await entry.getByText("Stopped").waitFor();

  // One that an operator terminates has no last word on its stream.
  await ask(page, "Ada berapa provinsi?");
  await slow.asked();
  const session = new URL(page.url()).searchParams.get("session");
  execFileSync(process.env.KAI_TEST_TEMPORAL_CLI ?? "temporal", [
    "workflow", "terminate", "--workflow-id", `kai-${session}`, "--reason", "enough", "--address", TEMPORAL,
  ]);
  await page.getByRole("article", { name: "Ada berapa provinsi?" }).getByText(/^(Stopped|Not answered)/).waitFor();
});
