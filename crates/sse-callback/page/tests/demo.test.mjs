// A person with a browser and nothing else: what `make demo` leaves running, from its address to a stopped run.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { createInterface } from "node:readline";

import { CLEAN, closeBrowser, inaccessible, program, tab } from "./support.mjs";

let demo;
let address;
before(async () => {
  const env = { ...CLEAN, KAI_TEMPORAL_CLI: process.env.KAI_TEST_TEMPORAL_CLI ?? "temporal" };
  demo = spawn(program("kai-e2e"), ["--demo", "--keep"], { env, cwd: "/", stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: demo.stdout })) {
    address ??= /in a browser\s*: (\S+)/.exec(line)?.[1];
    if (line.includes("left running")) break;
  }
  demo.stdout.resume();
  assert.ok(address, "the demo says where to go");
});
after(async () => {
  await closeBrowser();
  const gone = once(demo, "exit");
  demo.kill("SIGINT");
  await gone;
});

test("the sample database is asked, watched, its plan approved, and a run stopped, in a browser alone", async (t) => {
  const page = await tab(t);
  await page.goto(address);
  const ask = async (question, planFirst) => {
    await page.getByLabel("Your question").fill(question);
    await page.getByLabel("Show me the plan first").setChecked(planFirst);
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    return page.getByRole("article", { name: question });
  };
  await page.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" });

  // A question, watched from its steps to its answer, its chart and its rows.
  const asked = await ask("Tampilkan top 5 provinsi dengan rata-rata modal awal koperasi tertinggi", false);
  await asked.getByText(/^\d+ steps/).waitFor();
  await asked.locator(".answer-text").getByText("DKI Jakarta").waitFor();
  await asked.getByText(/^Answered · /).waitFor();
  await asked.getByRole("img", { name: /Chart/ }).waitFor();
  assert.equal(await asked.locator(".result tbody tr").count(), 5);

  // A plan, which waits until it is approved.
  const planned = await ask("Ada berapa koperasi?", true);
  await planned.getByText("The plan waits for you").waitFor();
  await planned.locator(".todo li").nth(1).waitFor();
  assert.equal(await planned.locator(".answer").isVisible(), false);
  assert.deepEqual(await inaccessible(page), []);
  await planned.getByRole("button", { name: "Accept the plan" }).click();
  await planned.getByText(/^Answered · /).waitFor();

  // A run that is stopped, and says why.
  const stopped = await ask("Ada berapa provinsi?", true);
  await stopped.getByText("The plan waits for you").waitFor();
  await stopped.getByLabel("What should be different?").fill("not needed any more");
  await stopped.getByRole("button", { name: "Stop", exact: true }).click();
  await stopped.getByText(/^Stopped/).waitFor();
  await stopped.getByRole("alert").getByText("not needed any more").waitFor();
  await stopped.getByRole("button", { name: "Stop", exact: true }).waitFor({ state: "hidden" });

  const sessions = page.getByRole("navigation", { name: "Recent sessions" });
  await sessions.getByRole("link", { name: "Ada berapa provinsi?" }).getByText("Stopped").waitFor();
  assert.equal(await page.getByRole("article").count(), 3);
});
