// Charts: each kind is drawn to its figures, in its colours, and one figure is written large.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { closeBrowser, done, inaccessible, publish, receiver, seen, tab } from "./support.mjs";

/** The colours of slices in their order; bars and lines have the first. */
const COLOURS = ["#2f7fd6", "#d97706", "#159a74", "#b4478f"];
/** The colours of labels, in light and in dark. */
const INK = { light: "#4d5967", dark: "#a9b4c1" };

let here;
before(async () => {
  here = await receiver();
});
after(async () => {
  await closeBrowser();
  await here.kill();
});

/** Opens a session whose one result is drawn like this. */
async function drawing(t, session, widget_type, values, options = {}) {
  const data = Object.entries(values).map(([label, value]) => ({ label, value }));
  const chart = { widget_type, widget_data: data, x_axis_key: "label", y_axis_key: "value" };
  await publish(here.url, session, [
    { type: "sql_result", sql: "SELECT", columns: ["label", "value"], data, row_count: data.length, truncated: false },
    { type: "chart_config", ...chart, ...options.chart },
    done(),
  ]);
  const page = await tab(t, options.tab);
  await page.goto(`${here.url}/?session=${session}`);
  await page.getByText(/^(Answered|Terjawab) · /).waitFor();
  await atRest(page);
  return page;
}

/** Waits until the drawing, if there is one, is the same for ten frames: it finds its size and colours in the page. */
async function atRest(page) {
  await page.evaluate(async () => {
    const canvas = document.querySelector(".chart canvas");
    for (let [last, frames] = [null, 0]; canvas !== null && frames < 10; ) {
      const now = canvas.toDataURL();
      [last, frames] = [now, now === last ? frames + 1 : 0];
      await new Promise(requestAnimationFrame);
    }
  });
}

/**
 * Where one colour is on the canvas: how many of its pixels each column and each row has, and the middle of them in
 * each column.
 */
function traces(page, colour) {
  return page.locator(".chart canvas").evaluate((canvas, colour) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    const columns = Array(width).fill(0);
    const rows = Array(height).fill(0);
    const sums = Array(width).fill(0);
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] !== red || data[at + 1] !== green || data[at + 2] !== blue || data[at + 3] !== 255) continue;
      const x = (at / 4) % width;
      const y = Math.floor(at / 4 / width);
      columns[x] += 1;
      rows[y] += 1;
      sums[x] += y;
    }
    return { columns, rows, middles: sums.map((sum, x) => sum / columns[x]) };
  }, colour);
}

/** The runs of lines that have such pixels, one for each bar, with the most pixels that a line of it has; `seam` parts none. */
function bars(counts, seam = 0) {
  const found = [];
  for (const [place, count] of counts.entries()) {
    if (count === 0) continue;
    if (found.at(-1)?.to >= place - 1 - seam) Object.assign(found.at(-1), { to: place, size: Math.max(found.at(-1).size, count) });
    else found.push({ from: place, to: place, size: count });
  }
  return found;
}

/** Whether these sizes are to each other as these values are. */
function proportional(sizes, values) {
  assert.equal(sizes.length, values.length, String(sizes));
  const largest = Math.max(...sizes) / Math.max(...values);
  for (const [place, value] of values.entries()) {
    assert.ok(Math.abs(sizes[place] - value * largest) <= 3, `${sizes} for ${values}`);
  }
}

test("a few bars stand, each as high as its value, and none for nothing", async (t) => {
  const page = await drawing(t, "standing", "bar", { a: 400, b: "100.50", c: null, d: 200 });
  const { columns } = await traces(page, COLOURS[0]);
  const standing = bars(columns);
  proportional(standing.map(({ size }) => size), [400, 100.5, 200]);
  // They are bars, and the third place is left free.
  assert.ok(standing.every(({ from, to }) => to - from > 40), JSON.stringify(standing));
  const [first, second, fourth] = standing.map(({ from, to }) => (from + to) / 2);
  assert.ok(Math.abs(fourth - second - 2 * (second - first)) <= 4, JSON.stringify(standing));
});

test("many bars lie, the first at the top, each as long as its value", async (t) => {
  const values = [80, 70, 60, 50, 40, 30, 20, 10];
  const page = await drawing(t, "lying", "bar", Object.fromEntries(values.map((value, at) => [`bar ${at}`, value])));
  const { rows } = await traces(page, COLOURS[0]);
  proportional(bars(rows).map(({ size }) => size), values);
});

test("a line goes through its values from left to right", async (t) => {
  const page = await drawing(t, "line", "line", { 2021: 10, 2022: 30, 2023: 20 });
  const { columns, middles } = await traces(page, COLOURS[0]);
  const covered = [...columns.keys()].filter((x) => columns[x] > 0);
  const [left, right] = [covered[0], covered.at(-1)];
  const height = (x) => middles[covered.reduce((best, now) => (Math.abs(now - x) < Math.abs(best - x) ? now : best))];
  // The points at the ends are some pixels wide.
  const [first, second, third] = [height(left + 3), height((left + right) / 2), height(right - 3)];
  const rise = first - second;
  assert.ok(rise > 100, `${first} ${second} ${third}`);
  assert.ok(Math.abs((first - third) / rise - 0.5) < 0.05, `${first} ${second} ${third}`);
});

test("a pie has a slice of its own colour for each share", async (t) => {
  const values = { Jawa: 50, Bali: 30, Papua: 15, Aceh: 5 };
  const page = await drawing(t, "pie", "pie", values);
  const traced = await Promise.all(COLOURS.map((colour) => traces(page, colour)));
  // The pie is left of the names of its slices, which have a little of the colours as well.
  const all = traced[0].columns.map((_, x) => traced.reduce((sum, { columns }) => sum + columns[x], 0));
  const [pie] = bars(all, 3);
  assert.ok(pie.to - pie.from > 150, JSON.stringify(pie));
  const areas = traced.map(({ columns }) => columns.slice(pie.from, pie.to + 1).reduce((sum, count) => sum + count, 0));
  const whole = areas.reduce((sum, area) => sum + area, 0);
  for (const [place, share] of Object.values(values).entries()) {
    assert.ok(Math.abs((100 * areas[place]) / whole - share) < 1, `${areas} of ${whole}`);
  }
});

test("one figure is written large, as people of the language write it", async (t) => {
  const chart = { widget_title: "Total assets" };
  for (const [locale, figure] of [["en-GB", "12,345,678,901,234,567.89"], ["id-ID", "12.345.678.901.234.567,89"]]) {
    const page = await drawing(t, `kpi-${locale}`, "kpi", { all: "12345678901234567.89" }, { chart, tab: { locale } });
    const shown = page.getByRole("figure", { name: "Total assets" });
    assert.equal(await shown.locator(".figure").textContent(), figure);
    assert.ok((await shown.locator(".figure").evaluate((text) => Number.parseFloat(getComputedStyle(text).fontSize))) >= 28);
    assert.equal(await page.locator("canvas").count(), 0);
    assert.deepEqual(await inaccessible(page), []);
  }
});

test("a single figure is grouped, unless it may be a year, and a drawing has room for the name of each of its bars", async (t) => {
  for (const [value, figure] of [["3734", "3,734"], ["1990", "1990"], ["1990.5", "1,990.5"]]) {
    const page = await drawing(t, `figure-${value}`, "kpi", { all: value });
    assert.equal(await page.locator(".figure").textContent(), figure);
  }
  const page = await drawing(t, "room", "bar", Object.fromEntries(Array.from({ length: 38 }, (_, at) => [`bar ${at}`, 40 - at])));
  const [one, other] = bars((await traces(page, COLOURS[0])).rows);
  assert.ok(other.from - one.from >= 20, JSON.stringify([one, other]));
});

test("rows that are best read as a table get no drawing", async (t) => {
  const page = await drawing(t, "table", "table", { a: 1, b: 2 });
  assert.equal(await page.locator(".result tbody tr").count(), 2);
  assert.equal(await page.locator(".chart").count(), 0);
});

test("labels have the colour of the page's text, also after night falls", async (t) => {
  const chart = { x_axis_label: "Island", y_axis_label: "Members", widget_title: "Members by island" };
  const page = await drawing(t, "night", "bar", { Jawa: 4, Bali: 1 }, { chart, tab: { colorScheme: "light" } });
  await page.getByRole("img", { name: "Members by island. The same figures are in the table." }).waitFor();
  const inked = async (scheme) => {
    const { columns } = await traces(page, INK[scheme]);
    return columns.reduce((sum, count) => sum + count, 0);
  };
  assert.ok((await inked("light")) > 20);
  assert.equal(await inked("dark"), 0);
  await page.emulateMedia({ colorScheme: "dark" });
  await seen(() => inked("dark"), (pixels) => pixels > 20);
  assert.equal(await inked("light"), 0);
  proportional(bars((await traces(page, COLOURS[0])).columns).map(({ size }) => size), [4, 1]);
});
