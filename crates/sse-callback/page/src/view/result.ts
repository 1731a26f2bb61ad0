// A query with its rows: the chart, the table, and the SQL to copy.

import { h } from "../dom";
import { t } from "../i18n";
import type { Result } from "../run";
import { sqlFragment } from "../safe";
import { type Drawn, drawn } from "./chart";
import { resultTable } from "./table";

/** One result on the page; its chart may come later than its rows. */
export class ResultView {
  readonly element = h("section", { class: "result" });
  private readonly place = h("div");
  private chart: Drawn | null = null;
  private hasChart = false;

  constructor(result: Result, name: string) {
    this.element.append(h("h3", {}, name), this.place);
    if (result.columns.length > 0) this.element.append(resultTable(result, name));
    if (result.sql !== "") this.element.append(sqlBlock(result.sql));
  }

  update(result: Result): void {
    if (this.hasChart || result.chart === null) return;
    this.hasChart = true;
    this.chart = drawn(result.chart);
    if (this.chart) this.place.append(this.chart.element);
  }

  end(): void {
    this.chart?.end();
  }
}

/** SQL, coloured, with a button that copies it. */
export function sqlBlock(sql: string): HTMLElement {
  const button = h("button", { type: "button", class: "copy", "aria-live": "polite", click: () => void copy(sql, button) }, t("copy"));
  return h(
    "div",
    { class: "sql" },
    h("div", { class: "sql-head" }, h("span", {}, t("query")), button),
    h("pre", { tabindex: 0, "aria-label": t("query"), role: "group" }, h("code", {}, sqlFragment(sql))),
  );
}

async function copy(text: string, button: HTMLButtonElement): Promise<void> {
  const copied = await copiedToClipboard(text);
  button.textContent = copied ? t("copied") : t("copyFailed");
  setTimeout(() => (button.textContent = t("copy")), 2_000);
}

/** Pages that come over plain HTTP from elsewhere have no clipboard of their own. */
async function copiedToClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "off-screen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}
