// A result as a table whose columns can be sorted.

import { h, replace, set } from "../dom";
import { number, t } from "../i18n";
import type { Result } from "../run";
import { compare, isNumeric, shown } from "./values";

type Direction = "ascending" | "descending";

/** The table of a result, with how many rows it has. */
export function resultTable(result: Result, caption: string): HTMLElement {
  const { columns, rows } = result;
  const numbers = new Map(columns.map((column) => [column, isNumeric(rows.map((row) => row[column]))]));
  let sorted: { column: string; direction: Direction } | null = null;

  const body = h("tbody");
  const heads = columns.map((column) => {
    const mark = h("span", { class: "sort-mark", "aria-hidden": "true" });
    const button = h("button", { type: "button", title: t("sortBy", { column }), click: () => sortBy(column) }, column, mark);
    return { column, mark, cell: h("th", { scope: "col", class: numbers.get(column) && "number" }, button) };
  });

  function sortBy(column: string): void {
    const again = sorted?.column === column && sorted.direction === "ascending";
    sorted = { column, direction: again ? "descending" : "ascending" };
    fill();
  }

  function fill(): void {
    let order = rows;
    if (sorted) {
      const { column, direction } = sorted;
      const asNumbers = numbers.get(column) === true;
      order = rows.toSorted((a, b) => {
        const missing = [a[column], b[column]].some((cell) => cell === null || cell === undefined);
        const ordered = compare(a[column], b[column], asNumbers);
        return direction === "descending" && !missing ? -ordered : ordered;
      });
    }
    for (const { column, mark, cell } of heads) {
      const direction = sorted?.column === column ? sorted.direction : null;
      set(cell, { "aria-sort": direction ?? "none" });
      mark.textContent = direction === null ? "" : direction === "ascending" ? " ▲" : " ▼";
    }
    replace(body, ...order.map((row) => h("tr", {}, ...columns.map((column) => cellOf(row[column], column)))));
  }

  function cellOf(cell: unknown, column: string): HTMLElement {
    const kind = cell === null || cell === undefined ? "null" : numbers.get(column) ? "number" : null;
    return h("td", { class: kind }, shown(cell, column));
  }

  fill();
  return h(
    "div",
    { class: "result-table" },
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
      h("table", {}, h("thead", {}, h("tr", {}, ...heads.map(({ cell }) => cell))), body),
    ),
    h("p", { class: "quiet" }, size(result)),
  );
}

function size({ rows, rowCount, truncated }: Result): string {
  if (rows.length < rowCount) return t("rowsShown", { shown: number(rows.length), n: number(rowCount) });
  if (truncated) return t("rowsMore", { n: number(rowCount) });
  if (rowCount === 0) return t("noRows");
  return rowCount === 1 ? t("oneRow") : t("rows", { n: number(rowCount) });
}
