// The connection breaks in the middle of everything that a run tells, on the whole stack: the page has it all, once.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { model, stack } from "./stack.mjs";
import { shown, replayed, told } from "./story.mjs";
import { cable, closeBrowser, seen, tab, tryNow } from "./support.mjs";

const WAREHOUSE = `
  CREATE TABLE barang (nama TEXT NOT NULL, stok INTEGER NOT NULL);
  INSERT INTO barang SELECT 'barang ' || value, (value * 37) % 101 FROM generate_series(1, 40);
`;
const QUERY = "SELECT nama, stok FROM barang";
const QUESTION = "Which goods are in the warehouse?";
const TOOLS = { "List the tables": "list_tables", "Run a query": "sql_query" };
/** Where the connection breaks: each of these comes once, and the browser gets only half of it. */
const BREAKS = [
  "a second thought",
  '"tool":"list_tables","input"',
  '"tool":"list_tables","output"',
  '"tool":"sql_query","input"',
  '"nama":"barang 23"',
  '"widget_type"',
  "charlie",
  '"type":"done"',
];

after(closeBrowser);

test("a run whose stream breaks in its thinking, steps, rows, chart, answer and end is shown whole", async (t) => {
  const slow = await model();
  t.after(() => slow.close());
  const here = await stack({ env: slow.env, databases: { gudang: WAREHOUSE } });
  t.after(() => here.end());
  const wire = await cable(new URL(here.url).port);
  t.after(() => wire.close());
  const page = await tab(t);
  await page.goto(wire.url);
  await page.getByLabel("Database").selectOption({ label: "gudang (sqlite)" });
  wire.cutAt(...BREAKS);
  await page.getByLabel("Your question").fill(QUESTION);
  await page.getByRole("button", { name: "Ask", exact: true }).click();

  const run = page.getByRole("article", { name: QUESTION });
  const answer = run.locator(".answer-text");
  const thought = async (content) => {
    slow.say(content);
    await run.locator(".thinking").getByText(content.trim()).waitFor({ state: "attached" });
  };
  await slow.asked();
  slow.say("<thinking>");
  await thought("One thought, ");
  await thought("then a second thought, ");
  await thought("then a third.");
  slow.call("list_tables", {});
  await slow.asked();
  await run.getByText(/^1 step$/).waitFor();
  slow.call("sql_query", { query: QUERY });
  await slow.asked();
  await run.getByRole("cell", { name: "barang 40", exact: true }).waitFor();
  await run.getByRole("img", { name: /Chart/ }).waitFor();
  slow.say("<answer>");
  for (const word of ["alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"]) {
    if (word === "echo") {
      // The receiver cannot be reached at all for a while, in which the run goes on.
      wire.take();
      await page.getByText("Connection lost, trying again…").waitFor();
    }
    slow.say(`${word} `);
    if (word === "foxtrot") {
      wire.mend();
      await tryNow(page);
    }
    if (word < "echo" || word > "foxtrot") await answer.getByText(word).waitFor();
  }
  const session = new URL(page.url()).searchParams.get("session");
  const compare = async (isLast) => {
    const events = await replayed(here.url, session, isLast);
    const numbers = events.map(({ id }) => Number(id.split("-").at(-1)));
    assert.deepEqual(numbers, Array.from(numbers, (_, place) => numbers[0] + place));
    const expected = told(events);
    assert.deepEqual(await shown(page, TOOLS), expected);
    return expected;
  };
  // Before the end, which tells the whole answer once more and would mend a piece that is missing.
  const { steps, results, answer: typed } = await compare(({ data }) => data.content?.includes("hotel"));
  assert.deepEqual([steps.length, results.length, results[0].rows.length, results[0].chart], [2, 1, 40, 1]);
  assert.equal(typed, "alfa bravo charlie delta echo foxtrot golf hotel");

  slow.say("<suggestions>- What is missing?\n- What is too much?</suggestions></answer>");
  slow.finish();
  await run.getByText(/^Answered · /).waitFor();
  const { suggestions } = await compare(({ type }) => type === "done");
  assert.deepEqual(suggestions, ["What is missing?", "What is too much?"]);
  assert.deepEqual(wire.uncut, [], "the connection broke at each of the places");
  assert.equal(await page.getByRole("article").count(), 1);
  assert.equal(await page.getByText("Some events of this run are missing").isVisible(), false);

  // Whoever comes afterwards, by a connection that never broke, sees the same to the last pixel.
  const later = await tab(t);
  await later.goto(`${here.url}/${new URL(page.url()).search}`);
  await later.getByRole("article", { name: QUESTION }).getByText(/^Answered · /).waitFor();
  const look = (tab) =>
    tab.getByRole("article").evaluate((article) => {
      const text = [...article.querySelectorAll(".state, .fold, .answer, .results, .suggestions")].map((part) => part.textContent);
      return [...text, article.querySelector("canvas").toDataURL()];
    });
  const whole = JSON.stringify(await look(page));
  await seen(() => look(later), (now) => JSON.stringify(now) === whole);
});
