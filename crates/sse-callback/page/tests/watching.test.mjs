// Watching: what a person sees of a session, and that nothing is lost or shown twice.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { cable, closeBrowser, done, everyLook, inaccessible, publish, receiver, RUN, SQL, tab, tryNow } from "./support.mjs";

let here;
before(async () => {
  here = await receiver();
});
after(async () => {
  await closeBrowser();
  await here.kill();
});

test("a run is shown as it happens", async (t) => {
  const page = await tab(t);
  await page.goto(`${here.url}/?session=happens`);
  await page.getByText("Connected", { exact: true }).waitFor();
  await publish(here.url, "happens", RUN.slice(0, 4));

  const run = page.getByRole("article");
  await run.getByText("Working…").waitFor();
  // Thinking is there for those who want it.
  const thinking = run.getByText("I need the average capital per province.");
  await thinking.waitFor({ state: "attached" });
  assert.equal(await thinking.isVisible(), false);
  await run.getByText("Thinking", { exact: true }).click();
  assert.equal(await thinking.isVisible(), true);
  await run.getByText("2 steps: Run a query…").waitFor();

  await publish(here.url, "happens", RUN.slice(4, 8));
  const answer = run.locator(".answer-text");
  await answer.getByText("Aceh").waitFor();
  assert.equal(await answer.locator("strong").textContent(), "Aceh");
  // Somebody who listens hears the answer when it is whole.
  assert.equal(await answer.getAttribute("aria-live"), "polite");
  assert.equal(await answer.getAttribute("aria-busy"), "true");

  await publish(here.url, "happens", [...RUN.slice(8), done()]);
  await run.getByText("Answered · 1.2 s").waitFor();
  assert.equal(await answer.getAttribute("aria-busy"), "false");
  // Figures stand one below the other from the right.
  const figure = answer.getByRole("cell", { name: "2" });
  assert.equal(await figure.evaluate((cell) => getComputedStyle(cell).textAlign), "right");
  await run.getByRole("heading", { name: "You could ask next" }).waitFor();
  await run.getByText("Which province has the lowest average?").waitFor();

  // What the step did and how long it took.
  await run.getByText("2 steps").click();
  const step = run.locator(".steps li").nth(1);
  assert.match(await step.innerText(), /Run a query.*done · \d+(\.\d+)? m?s/);

  // The chart has words for those who do not see it; charts.test.mjs looks at what is drawn.
  await run.getByRole("img", { name: /Chart: rata_rata by provinsi/ }).waitFor();

  const keyword = run.locator(".result .sql .hljs-keyword").first();
  assert.equal(await keyword.textContent(), "SELECT");
  assert.deepEqual(await inaccessible(page), []);
});

test("a result can be sorted, by keyboard, with nothing at the end", async (t) => {
  const page = await tab(t);
  await page.goto(`${here.url}/?session=happens`);
  const table = page.locator(".result").getByRole("table");
  const firsts = () => table.locator("tbody tr td:first-child").allTextContents();
  await table.waitFor();
  assert.deepEqual(await firsts(), ["Jawa Barat", "Bali", "Papua", "Aceh"]);
  const header = table.getByRole("columnheader", { name: "rata_rata" });
  assert.equal(await header.getAttribute("aria-sort"), "none");
  await header.getByRole("button").focus();
  await page.keyboard.press("Enter");
  assert.deepEqual(await firsts(), ["Bali", "Jawa Barat", "Aceh", "Papua"]);
  assert.equal(await header.getAttribute("aria-sort"), "ascending");
  await page.keyboard.press("Space");
  assert.deepEqual(await firsts(), ["Aceh", "Jawa Barat", "Bali", "Papua"]);
  assert.equal(await header.getAttribute("aria-sort"), "descending");
  // Every digit of a decimal is there.
  assert.equal(await table.locator("tbody tr:first-child td:last-child").textContent(), "1,250,000,000.50");
});

test("numbers of more digits than JavaScript has are shown and sorted exactly", async (t) => {
  const page = await tab(t);
  // Decimals come as text, whole numbers as JSON numbers: this JSON is written by hand, since Node.js would round them.
  const column = ["9007199254740993", '"9007199254740992.5"', '"9007199254740992.25"', "9007199254740992", "-9007199254740993", "-9007199254740992", "1e3", "12.5"];
  const rows = column.map((value) => `{"n": ${value}}`).join();
  const result = `{"type": "sql_result", "sql": "SELECT n", "columns": ["n"], "data": [${rows}], "row_count": 8, "truncated": false}`;
  const output = JSON.stringify('{"success":true,"rows":[9007199254740993]}');
  for (const event of ['{"type": "tool_start", "tool": "sql_query", "input": {}}', `{"type": "tool_end", "tool": "sql_query", "output": ${output}}`, result]) {
    const body = `{"session_id": "digits", "event": ${event}}`;
    const answer = await fetch(`${here.url}/events/digits`, { method: "POST", headers: { "content-type": "application/json" }, body });
    assert.equal(answer.status, 200);
  }
  await publish(here.url, "digits", [done()]);
  await page.goto(`${here.url}/?session=digits`);
  const cells = () => page.locator(".result tbody td").allTextContents();
  await page.locator(".result").waitFor();
  assert.equal((await cells())[0], "9,007,199,254,740,993");
  await page.locator(".result th button").click();
  const ascending = [
    "-9,007,199,254,740,993", "-9,007,199,254,740,992", "12.5", "1000", "9,007,199,254,740,992",
    "9,007,199,254,740,992.25", "9,007,199,254,740,992.5", "9,007,199,254,740,993",
  ];
  assert.deepEqual(await cells(), ascending);
  await page.locator(".result th button").click();
  assert.deepEqual(await cells(), ascending.toReversed());
  // What a step gave back has every digit, too.
  assert.match(await page.locator(".steps pre").last().textContent(), /\n +9007199254740993\n/);
});

test("the SQL can be copied", async (t) => {
  const page = await tab(t, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto(`${here.url}/?session=happens`);
  // It says so for two seconds only.
  const copied = page.getByRole("button", { name: "Copied" }).waitFor();
  await page.locator(".result").getByRole("button", { name: "Copy" }).click();
  await copied;
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), SQL);
});

test("a connection that breaks again and again loses nothing and repeats nothing", async (t) => {
  const wire = await cable(here.port);
  t.after(() => wire.close());
  const page = await tab(t);
  await page.goto(`${wire.url}/?session=broken`);
  await page.getByText("Connected", { exact: true }).waitFor();
  const words = Array.from({ length: 60 }, (_, number) => `w${number} `);
  for (const [number, content] of words.entries()) {
    await publish(here.url, "broken", [{ type: "token", content }]);
    if (number === 10 || number === 11 || number === 30) wire.cut();
    if (number === 40) {
      wire.take();
      await page.getByText("Connection lost, trying again…").waitFor();
    }
    if (number === 50) {
      wire.mend();
      await tryNow(page);
    }
  }
  await publish(here.url, "broken", [done()]);
  await page.getByText("Answered · 1.2 s").waitFor();
  assert.equal((await page.locator(".answer-text").textContent()).trim(), words.join("").trim());
  assert.equal(await page.getByRole("article").count(), 1);
  assert.equal(await page.getByText("Some events of this run are missing").isVisible(), false);
});

test("a receiver that crashes and comes back goes on, and says that it forgot", async (t) => {
  const first = await receiver();
  const page = await tab(t);
  await page.goto(`${first.url}/?session=crash`);
  await page.getByText("Connected", { exact: true }).waitFor();
  await publish(first.url, "crash", [{ type: "token", content: "before " }]);
  await page.locator(".answer-text").getByText("before").waitFor();
  await first.kill();
  await page.getByText("Connection lost, trying again…").waitFor();
  const second = await receiver({ port: first.port });
  t.after(() => second.kill());
  await publish(second.url, "crash", [{ type: "token", content: "after" }, done()]);
  await page.getByText("Answered · 1.2 s").waitFor();
  assert.equal((await page.locator(".answer-text").textContent()).trim(), "before after");
  await page.getByText("Some events of this run are missing").waitFor();
});

test("the next question of a session comes by itself, and a reload shows all of them once", async (t) => {
  const page = await tab(t);
  await page.goto(`${here.url}/?session=again`);
  for (const [number, word] of ["one", "two", "three"].entries()) {
    await publish(here.url, "again", [{ type: "token", content: word }, done()]);
    await page.getByRole("article").nth(number).getByText("Answered").waitFor();
  }
  const answers = () => page.locator(".answer-text").allTextContents();
  assert.deepEqual((await answers()).map((text) => text.trim()), ["one", "two", "three"]);
  await page.reload();
  await page.getByRole("article").nth(2).getByText("Answered").waitFor();
  assert.deepEqual((await answers()).map((text) => text.trim()), ["one", "two", "three"]);
});

test("a step's time is told to whoever comes later, where its end says it", async (t) => {
  const call = (execution_time_ms) => [
    { type: "tool_start", tool: "sql_query", input: { query: SQL } },
    { type: "tool_end", tool: "sql_query", output: "{}", execution_time_ms },
  ];
  await publish(here.url, "times", [...call(0), ...call(37), ...call(65_400), ...call("long"), ...call(undefined), done()]);
  const page = await tab(t);
  await page.goto(`${here.url}/?session=times`);
  const times = async () => {
    await page.locator(".step-state").nth(4).waitFor({ state: "attached" });
    return (await page.locator(".step-state").allTextContents()).map((state) => state.split(" · ")[1] ?? null);
  };
  assert.deepEqual(await times(), ["0 ms", "37 ms", "65.4 s", null, null]);
  await page.reload();
  assert.deepEqual(await times(), ["0 ms", "37 ms", "65.4 s", null, null]);
});

test("HTML and script in a cell, a query, an answer or anything else stay text", async (t) => {
  const page = await tab(t);
  const evil = "<img src=x onerror=alert(1)><script>alert(2)</script><b>bold</b>";
  const column = "<i>column</i>";
  await publish(here.url, "<b>evil</b>", [
    { type: "skill_loaded", message: evil, skills: [] },
    { type: "thinking", content: evil },
    { type: "todo_update", todos: [evil, `Run the query: SELECT '${evil}'`].map((content) => ({ content, status: "pending" })) },
    { type: "tool_start", tool: evil, input: { query: evil } },
    { type: "tool_end", tool: evil, output: evil },
    { type: "sql_result", sql: `SELECT '${evil}'`, columns: [column], data: [{ [column]: evil }], row_count: 1, truncated: false },
    { type: "chart_config", widget_type: "kpi", widget_data: [{ [column]: evil }], x_axis_key: null, y_axis_key: column, widget_title: evil },
    { type: "token", content: `${evil}\n\n${evil} *and* [a link](javascript:alert(3)) ![p](http://127.0.0.1:9/p.png)\n\n` },
    { type: "token", content: "```html\n" + evil + "\n```\n\n```sql\nSELECT '" + evil + "'\n```\n<style>*{display:none}</style>" },
    { type: "suggestions", content: evil },
    { type: "error", error: evil },
    done({ suggested_questions: [{ question: evil }] }),
  ]);
  await page.goto(`${here.url}/?session=${encodeURIComponent("<b>evil</b>")}`);
  const run = page.getByRole("article");
  await run.getByRole("heading", { name: "You could ask next" }).waitFor();
  assert.equal(await page.locator("#app img, #app script, #app b, #app i, #app style, #app a[href^=javascript]").count(), 0);
  assert.equal(await run.locator("td").first().textContent(), evil);
  assert.equal(await run.locator(".todo code").textContent(), `SELECT '${evil}'`);
  assert.ok((await run.locator(".answer-text").textContent()).startsWith(evil));
  assert.equal(await run.locator(".answer-text em").textContent(), "and");
  assert.ok((await run.locator(".suggestions").textContent()).includes(evil));
});

test("what each turn of the model thought begins a line", async (t) => {
  await publish(here.url, "thoughts", [
    { type: "thinking", content: "First the " },
    { type: "thinking", content: "tables." },
    { type: "tool_start", tool: "list_tables", input: {} },
    { type: "tool_end", tool: "list_tables", output: "{}" },
    { type: "thinking", content: "There are two." },
    done(),
  ]);
  const page = await tab(t);
  await page.goto(`${here.url}/?session=thoughts`);
  await page.getByText("Answered · 1.2 s").waitFor();
  assert.equal(await page.locator(".thinking").textContent(), "First the tables.\nThere are two.");
});

test("a cut turn of the model is not shown twice", async (t) => {
  const page = await tab(t);
  await publish(here.url, "resumed", [
    { type: "tool_start", tool: "list_tables", input: {} },
    { type: "tool_end", tool: "list_tables", output: "{}" },
    { type: "token", content: "The answer is fo" },
    { type: "session_resumed", message: "Continuing after step 2", session_id: "resumed" },
    { type: "token", content: "The answer is four." },
    done(),
  ]);
  await page.goto(`${here.url}/?session=resumed`);
  await page.getByText("Answered · 1.2 s").waitFor();
  assert.equal((await page.locator(".answer-text").textContent()).trim(), "The answer is four.");
});

test("the page speaks the language of the browser, and another one on request", async (t) => {
  const page = await tab(t, { locale: "id-ID" });
  await page.goto(`${here.url}/?session=happens`);
  await page.getByText("Terjawab · 1,2 d").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "id");
  const money = page.locator(".result tbody tr").first().locator("td").last();
  assert.equal(await money.textContent(), "512.500.000,00");
  const english = page.getByRole("button", { name: "English" });
  assert.equal(await english.getAttribute("aria-pressed"), "false");
  await english.focus();
  await page.keyboard.press("Enter");
  await page.getByText("Answered · 1.2 s").waitFor();
  assert.equal(await english.getAttribute("aria-pressed"), "true");
  assert.ok(await english.evaluate((button) => button === document.activeElement));
  // It is remembered.
  await page.reload();
  await page.getByText("Answered · 1.2 s").waitFor();
});

test("in the dark it is dark, and can be read", async (t) => {
  const page = await tab(t, { colorScheme: "dark" });
  await page.goto(`${here.url}/?session=happens`);
  await page.getByText("Answered · 1.2 s").waitFor();
  const shade = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [red] = shade.match(/\d+/g).map(Number);
  assert.ok(red < 40, shade);
  for (const fold of await page.locator("details").all()) await fold.evaluate((details) => (details.open = true));
  assert.deepEqual(await inaccessible(page), []);
});

test("whatever is shown can be used by everybody, in any light, language and size", async (t) => {
  const closed = await receiver({ flags: ["--subscribe-token", "sesame-open-3"] });
  t.after(() => closed.kill());
  const { url } = here;
  await publish(url, "everything", [
    ...RUN,
    { type: "todo_update", todos: ["completed", "in_progress", "pending"].map((status) => ({ content: status, status })) },
    { type: "tool_start", tool: "sql_query", input: { query: "SELECT 1" } },
    { type: "tool_end", tool: "sql_query", output: '{"success":false,"error":"no such table"}' },
    { type: "sql_result", sql: "SELECT 1", columns: ["one"], data: [{ one: 12_345 }], row_count: 1, truncated: false },
    { type: "chart_config", widget_type: "kpi", widget_data: [{ one: 12_345 }], x_axis_key: null, y_axis_key: "one" },
    { type: "no_data_warning", message: "Five empty results in a row", consecutive_empty_count: 5 },
    done(),
    { type: "token", content: "# A heading\n\n> said\n\n1. a [link](https://example.org)\n\n```sql\nSELECT 'a', 1 -- why\n```" },
    { type: "error", error: "The model cannot be reached" },
    done({ status: "failed" }),
    { type: "thinking", content: "Still at it" },
  ]);
  await everyLook(t, [
    { url, ready: (page) => page.getByRole("heading", { name: /^(Watch a session|Ikuti sebuah sesi)/ }).waitFor() },
    { url: `${url}/?session=everything`, ready: (page) => page.getByRole("article").nth(2).getByText(/^(Working|Sedang)/).first().waitFor() },
    { url: `${closed.url}/?session=s`, ready: (page) => page.getByLabel("Token").waitFor() },
  ]);
});

test("a wide and long result scrolls in its own place, on a phone as on a desk", async (t) => {
  const columns = Array.from({ length: 14 }, (_, number) => `column_${number}`);
  const data = Array.from({ length: 80 }, (_, row) =>
    Object.fromEntries(columns.map((column, number) => [column, number === 3 ? "Jalan Jenderal Sudirman No. 123, Setiabudi".repeat(3) : row])),
  );
  const result = { type: "sql_result", sql: "SELECT *", columns, data, row_count: 2_312, truncated: true };
  await publish(here.url, "wide", [result, done()]);
  for (const width of [360, 1280]) {
    const page = await tab(t, { viewport: { width, height: 740 } });
    await page.goto(`${here.url}/?session=wide`);
    await page.getByText("the first 80 of 2,312 rows").waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    const box = await page.locator(".result .scroll").evaluate((box) => ({
      inside: [box.scrollWidth > box.clientWidth, box.scrollHeight > box.clientHeight],
      head: getComputedStyle(box.querySelector("th")).position,
    }));
    assert.deepEqual(box, { inside: [true, true], head: "sticky" });
    // An address is not a column of single words.
    const row = await page.locator(".result tbody tr").first().evaluate((element) => element.offsetHeight);
    assert.ok(row < 250, String(row));
    assert.deepEqual(await inaccessible(page), []);
  }
});

test("on a phone nothing is wider than the screen", async (t) => {
  const page = await tab(t, { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
  await page.goto(`${here.url}/?session=happens`);
  await page.getByText("Answered · 1.2 s").waitFor();
  for (const fold of await page.locator("details").all()) await fold.evaluate((details) => (details.open = true));
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  assert.deepEqual(await inaccessible(page), []);
});

test("a session is found by its id, with the keyboard alone", async (t) => {
  const page = await tab(t);
  await page.goto(here.url);
  await page.getByRole("heading", { name: "Watch a session" }).waitFor();
  assert.deepEqual(await inaccessible(page), []);
  for (let presses = 0; presses < 10; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.getByLabel("Session id").evaluate((input) => input === document.activeElement)) break;
  }
  await page.keyboard.type("happens");
  await page.keyboard.press("Enter");
  await page.getByText("Answered · 1.2 s").waitFor();
  assert.equal(new URL(page.url()).search, "?session=happens");
  await page.goBack();
  await page.getByRole("heading", { name: "Watch a session" }).waitFor();
});

test("a token is asked for, and one in the address does not stay there", async (t) => {
  const closed = await receiver({ flags: ["--subscribe-token", "sesame-open-1"] });
  t.after(() => closed.kill());
  await publish(closed.url, "s", [...RUN, done()]);
  const page = await tab(t);
  await page.goto(`${closed.url}/?session=s`);
  await page.getByRole("heading", { name: "This session needs a token" }).waitFor();
  await page.getByLabel("Token").fill("wrong");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByLabel("Token").fill("sesame-open-1");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByText("Answered · 1.2 s").waitFor();

  const other = await tab(t);
  await other.goto(`${closed.url}/?session=s#token=sesame-open-1`);
  await other.getByText("Answered · 1.2 s").waitFor();
  assert.equal(other.url(), `${closed.url}/?session=s`);
});
