// Takes the pictures of docs/page.md: SCREENSHOTS=1 make page.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { closeBrowser, done, publish, receiver, tab } from "./support.mjs";

const IMAGES = join(import.meta.dirname, "../../../../docs/images");

/** The first question of the sample database, as it is answered. */
const sql =
  "SELECT p.nama, AVG(k.modal_awal) AS rata_rata FROM koperasi k JOIN kabupaten b ON b.id = k.kabupaten_id " +
  "JOIN provinsi p ON p.id = b.provinsi_id GROUP BY p.nama ORDER BY rata_rata DESC LIMIT 5";
const rows = [
  ["DKI Jakarta", "1187519670.63"],
  ["Kalimantan Timur", "935903733.33"],
  ["Bali", "786660953.13"],
  ["Kepulauan Riau", "752954702.13"],
  ["Papua Tengah", "643545444.44"],
].map(([nama, rata_rata]) => ({ nama, rata_rata }));
const RUN = [
  { type: "thinking", content: "The provinces are two joins away from the capital." },
  { type: "tool_start", tool: "describe_tables", input: { tables: ["koperasi", "kabupaten", "provinsi"] } },
  { type: "tool_end", tool: "describe_tables", output: '{"success":true}' },
  { type: "tool_start", tool: "sql_query", input: { query: sql } },
  { type: "tool_end", tool: "sql_query", output: '{"success":true,"row_count":5}' },
  { type: "sql_result", sql, columns: ["nama", "rata_rata"], data: rows, row_count: 5, truncated: false },
  { type: "chart_config", widget_type: "bar", widget_data: rows, x_axis_key: "nama", y_axis_key: "rata_rata" },
  { type: "token", content: "**DKI Jakarta** memimpin dengan rata-rata Rp1,19 miliar, diikuti **Kalimantan Timur** (Rp936 juta)." },
  { type: "suggestions", content: "- Berapa koperasi di DKI Jakarta?\n- Bagaimana trennya per tahun?" },
  done({ execution_time_ms: 412 }),
];

mkdirSync(IMAGES, { recursive: true });
const here = await receiver();
const endings = [closeBrowser, () => here.kill()];
const opened = (options) => tab({ after: (ending) => endings.unshift(ending) }, options);

try {
  await publish(here.url, "koperasi-1", RUN);
  const desk = await opened({ viewport: { width: 900, height: 860 } });
  await desk.goto(`${here.url}/?session=koperasi-1`);
  await desk.getByText(/^Answered · /).waitFor();
  await desk.getByText("2 steps").click();
  await desk.screenshot({ path: join(IMAGES, "page-desk.png") });

  const phone = await opened({ viewport: { width: 390, height: 800 }, isMobile: true, colorScheme: "dark", locale: "id-ID" });
  await phone.goto(desk.url());
  await phone.getByText(/^Terjawab · /).waitFor();
  await phone.screenshot({ path: join(IMAGES, "page-phone.png") });
} finally {
  for (const ending of endings) await ending();
}
