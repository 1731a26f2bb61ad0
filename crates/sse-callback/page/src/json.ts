// JSON whose whole numbers keep every digit, also where a number of JavaScript has too few of them.

/** What newer browsers tell of a value that was read, and have to write one as it stood. */
interface Source {
  source?: string;
}
type Revive = (key: string, value: unknown, context?: Source) => unknown;
const { parse, rawJSON } = JSON as unknown as { parse: (text: string, revive: Revive) => unknown; rawJSON?: (source: string) => unknown };

/** Fewer digits than these are always exact. */
const LONG = /\d{16}/;

/** The digits of a whole number that cannot be kept as a number. */
function tooLong(value: unknown, context: Source | undefined): string | null {
  const source = context?.source;
  if (typeof value !== "number" || Number.isSafeInteger(value) || source === undefined) return null;
  return /^-?\d+$/.test(source) ? source : null;
}

/** Reads JSON; a whole number that would lose digits becomes its text. Browsers that do not tell the digits round it. */
export function read(text: string): unknown {
  if (!LONG.test(text)) return JSON.parse(text);
  return parse(text, (_, value, context) => tooLong(value, context) ?? value);
}

/** The same JSON over several lines; what cannot be laid out without losing digits stays as it is. */
export function laidOut(text: string): string {
  if (!LONG.test(text)) return JSON.stringify(JSON.parse(text), null, 2);
  if (rawJSON === undefined) return text;
  const value = parse(text, (_, value, context) => {
    const digits = tooLong(value, context);
    return digits === null ? value : rawJSON(digits);
  });
  return JSON.stringify(value, null, 2);
}
