// Takes the pictures of docs/page.md: SCREENSHOTS=1 make page.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { stack } from "./stack.mjs";
import { closeBrowser, tab } from "./support.mjs";

const IMAGES = join(import.meta.dirname, "../../../../docs/images");
const QUESTION = "Tampilkan top 5 provinsi dengan rata-rata modal awal koperasi tertinggi";
/** What has been asked before, so that the list is not empty. */
const EARLIER = [
  "How many cooperatives are there in each province?",
  "Ada berapa koperasi simpan pinjam di Jawa Barat?",
  "Berapa total aset koperasi per tahun?",
  "Which cooperatives were founded before 1990?",
];
const DESK = { viewport: { width: 1280, height: 860 } };
const PHONE = { viewport: { width: 390, height: 800 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

mkdirSync(IMAGES, { recursive: true });
const endings = [closeBrowser];
const opened = (options) => tab({ after: (ending) => endings.unshift(ending) }, options);

try {
  const here = await stack();
  endings.push(() => here.end());
  const call = async (path, body) => {
    const response = await fetch(here.url + path, {
      ...(body ? { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
    });
    return response.json();
  };
  /** Asks, and waits until the run stands like this. */
  const ask = async (prompt, wanted, more = {}) => {
    const { session_id } = await call("/api/questions", { prompt, connection_id: "koperasi", ...more });
    for (;;) {
      const { status } = await call(`/api/sessions/${session_id}`);
      if (wanted.includes(status)) return session_id;
    }
  };
  for (const prompt of EARLIER) await ask(prompt, ["completed", "partial", "failed"]);
  const answered = await ask(QUESTION, ["completed"]);
  const waiting = await ask("Show the average capital of cooperatives by province", ["awaiting_approval"], {
    require_plan_approval: true,
  });
  // Temporal's list lags behind.
  while ((await call("/api/sessions")).sessions.length < EARLIER.length + 2);

  const pictures = [
    ["page-desk.png", { ...DESK }, answered, /^Answered · /],
    ["page-plan.png", { ...DESK, colorScheme: "dark" }, waiting, /^The plan waits for you/],
    ["page-phone.png", { ...PHONE, colorScheme: "dark", locale: "id-ID" }, answered, /^Terjawab · /],
    ["page-phone-plan.png", { ...PHONE }, waiting, /^The plan waits for you/],
  ];
  for (const [name, options, session, shown] of pictures) {
    const page = await opened(options);
    await page.goto(`${here.url}/?session=${session}`);
    await page.getByRole("article").getByText(shown).waitFor();
    await page.getByRole("option", { name: "koperasi (sqlite)" }).waitFor({ state: "attached" });
    await page.locator(".sessions a").nth(EARLIER.length + 1).waitFor({ state: "attached" });
    await page.screenshot({ path: join(IMAGES, name) });
  }
} finally {
  for (const ending of endings) await ending();
}
