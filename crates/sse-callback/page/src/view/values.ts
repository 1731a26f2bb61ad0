// Cells as people read them, and the order in which a column is sorted.

import { locale, t } from "../i18n";

/** A number, where a cell is one. Decimals come as text, so that they stay exact. */
export function numeric(cell: unknown): number | null {
  if (typeof cell === "number") return Number.isFinite(cell) ? cell : null;
  if (typeof cell === "string" && /^-?\d{1,300}(\.\d+)?$/.test(cell)) return Number(cell);
  return null;
}

/** Whether every cell is a number or nothing, and one is a number. */
export function isNumeric(cells: unknown[]): boolean {
  let some = false;
  for (const cell of cells) {
    if (cell === null || cell === undefined) continue;
    // Digits with a leading zero are a code, such as a postcode.
    if (numeric(cell) === null || /^-?0\d/.test(String(cell))) return false;
    some = true;
  }
  return some;
}

const NOT_AN_AMOUNT = /(^|_)(id|no|nr|kode|code|tahun|year|nik|npwp|zip|kode_pos)$/i;

/** The smallest whole numbers of a table that are grouped: smaller ones may be years. */
const CERTAINLY_AN_AMOUNT = 10_000;

/** A single figure as text: a year is told by its size. */
export function figureShown(cell: unknown, column: string): string {
  const value = numeric(cell) ?? 0;
  const mayBeYear = Number.isInteger(value) && value >= 1_800 && value < 2_200;
  return shown(cell, column, mayBeYear ? CERTAINLY_AN_AMOUNT : 1_000);
}

/** A cell as text. Amounts from `least` on are grouped by thousands; every digit stays. */
export function shown(cell: unknown, column: string, least = CERTAINLY_AN_AMOUNT): string {
  if (cell === null || cell === undefined) return t("empty");
  if (typeof cell === "object") return JSON.stringify(cell);
  const text = String(cell);
  const value = numeric(cell);
  if (value === null || Math.abs(value) < least || NOT_AN_AMOUNT.test(column)) return text;
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match || match[2]?.startsWith("0")) return text;
  const [, sign = "", whole = "", fraction] = match;
  const parts = new Intl.NumberFormat(locale()).formatToParts(10_000.5);
  const group = parts.find((part) => part.type === "group")?.value ?? "";
  const point = parts.find((part) => part.type === "decimal")?.value ?? ".";
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  return sign + grouped + (fraction === undefined ? "" : point + fraction);
}

/** A number as `digits` of which the last `scale` stand behind the point. */
interface Exact {
  digits: bigint;
  scale: number;
}

/** The number that a cell is, with every digit of it. */
function exact(cell: unknown): Exact {
  const match = /^(-?\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(String(cell));
  const [, whole = "0", fraction = "", power = "0"] = match ?? [];
  const scale = fraction.length - Number(power);
  const digits = BigInt(whole + fraction);
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}

/** Compares two numbers digit by digit: beyond sixteen of them, different ones may be the same to JavaScript. */
function compareExactly(a: unknown, b: unknown): number {
  const [one, other] = [exact(a), exact(b)];
  const scale = Math.max(one.scale, other.scale);
  const [left, right] = [one, other].map(({ digits, scale: own }) => digits * 10n ** BigInt(scale - own)) as [bigint, bigint];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Compares two cells; nothing comes last. */
export function compare(a: unknown, b: unknown, asNumbers: boolean): number {
  const [none, other] = [a === null || a === undefined, b === null || b === undefined];
  if (none || other) return Number(none) - Number(other);
  if (asNumbers) {
    // Numbers that JavaScript tells apart are in the right order; only the others need their digits.
    return (numeric(a) ?? 0) - (numeric(b) ?? 0) || compareExactly(a, b);
  }
  return String(a).localeCompare(String(b), locale(), { numeric: true, sensitivity: "base" });
}
