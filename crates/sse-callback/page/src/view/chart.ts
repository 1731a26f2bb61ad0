// A result drawn as its `chart_config` says; one figure is written large.

import {
  ArcElement,
  BarController,
  BarElement,
  CategoryScale,
  Chart as Drawing,
  type ChartConfiguration,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PieController,
  PointElement,
  Tooltip,
} from "chart.js";

import { h } from "../dom";
import { compact, locale, t } from "../i18n";
import type { Chart } from "../run";
import { figureShown, isNumeric, numeric, shown } from "./values";

Drawing.register(
  ArcElement, BarController, BarElement, CategoryScale, Legend, LinearScale,
  LineController, LineElement, PieController, PointElement, Tooltip,
);

/** Told apart by people who see colours differently, on light and on dark. */
const COLOURS = ["#2f7fd6", "#d97706", "#159a74", "#b4478f", "#7a6ee6", "#c2452d", "#5f8f1f", "#1b9aaa"];
/** Bars that are more than these lie, so that their labels can be read. */
const STANDING_BARS = 6;
/** The height of a bar that lies, with its label, and of what is around them all, in pixels. */
const [LYING_BAR, AROUND] = [22, 60];
/** A drawing of lying bars is at most so high, in pixels, and leaves out labels then. */
const HIGHEST = 1_200;

/** A drawing, and what is to be called when it is not needed any more. */
export interface Drawn {
  element: HTMLElement;
  end: () => void;
}

/** Draws the chart; none where the table says it all. */
export function drawn(chart: Chart): Drawn | null {
  const columns = Object.keys(chart.rows[0] ?? {});
  const y = chart.y ?? columns.find((column) => column !== chart.x && isNumeric(chart.rows.map((row) => row[column])));
  if (chart.kind === "table" || y === undefined || chart.rows.length === 0) return null;
  if (chart.kind === "kpi") return { element: figure(chart, y), end: () => {} };

  const x = chart.x;
  const title = chart.title ?? (x === null ? t("chartAlone", { y }) : t("chart", { y, x }));
  const canvas = h("canvas", { role: "img", "aria-label": `${title}. ${t("chartTable")}` });
  const lies = chart.kind === "bar" && chart.rows.length > STANDING_BARS;
  const box = h("div", { class: `canvas ${chart.kind}` }, canvas);
  if (lies) box.style.height = `${Math.min(AROUND + LYING_BAR * chart.rows.length, HIGHEST)}px`;
  const element = h("figure", { class: "chart" }, h("figcaption", {}, title), box);
  const drawing = new Drawing(canvas, configuration(chart, x, y, lies));
  const repaint = () => {
    paint(drawing, chart);
    drawing.update("none");
  };
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", repaint);
  // Colours come from the style sheet, which applies once the canvas is in the page.
  const placed = requestAnimationFrame(repaint);
  return {
    element,
    end: () => {
      cancelAnimationFrame(placed);
      scheme.removeEventListener("change", repaint);
      drawing.destroy();
    },
  };
}

function figure(chart: Chart, y: string): HTMLElement {
  const value = figureShown(chart.rows[0]?.[y], y);
  const label = chart.title ?? (chart.x === null ? y : `${y}, ${shown(chart.rows[0]?.[chart.x], chart.x)}`);
  return h("figure", { class: "chart kpi" }, h("figcaption", {}, label), h("p", { class: "figure" }, value));
}

function configuration(chart: Chart, x: string | null, y: string, lies: boolean): ChartConfiguration {
  const kind = chart.kind === "line" || chart.kind === "pie" ? chart.kind : "bar";
  const labels = chart.rows.map((row, index) => (x === null ? String(index + 1) : shown(row[x], x)));
  const colours = chart.rows.map((_, index) => COLOURS[index % COLOURS.length] ?? "#2f7fd6");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return {
    type: kind,
    data: {
      labels,
      datasets: [
        {
          label: y,
          data: chart.rows.map((row) => numeric(row[y])),
          backgroundColor: kind === "pie" ? colours : COLOURS[0],
          borderColor: COLOURS[0],
          borderWidth: kind === "line" ? 2 : 0,
        },
      ],
    } as ChartConfiguration["data"],
    options: {
      responsive: true,
      maintainAspectRatio: false,
      ...(calm ? { animation: false } : {}),
      locale: locale(),
      indexAxis: lies ? "y" : "x",
      plugins: { legend: { display: kind === "pie", position: "right" } },
      ...(kind === "pie"
        ? {}
        : {
            scales: {
              [lies ? "y" : "x"]: { title: { display: chart.xLabel !== null, text: chart.xLabel ?? "" } },
              [lies ? "x" : "y"]: {
                beginAtZero: kind === "bar",
                ticks: { callback: (value: number | string) => compact(Number(value)) },
                title: { display: chart.yLabel !== null, text: chart.yLabel ?? "" },
              },
            },
          }),
    },
  };
}

/** Text and lines in the colours of the page. */
function paint(drawing: Drawing, chart: Chart): void {
  const style = getComputedStyle(drawing.canvas);
  const ink = style.getPropertyValue("--ink-soft").trim();
  const line = style.getPropertyValue("--line").trim();
  drawing.options.color = ink;
  if (chart.kind === "pie") return;
  for (const scale of Object.values(drawing.options.scales ?? {})) {
    if (!scale) continue;
    scale.ticks = { ...scale.ticks, color: ink };
    scale.grid = { ...scale.grid, color: line };
    Object.assign((scale as { title: object }).title, { color: ink });
  }
}
