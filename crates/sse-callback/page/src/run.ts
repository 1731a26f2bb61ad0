// What the events of a session come to: runs, each with its thinking, steps, results and answer.

export interface Todo {
  content: string;
  status: "pending" | "in_progress" | "completed";
}

export type Cell = unknown;

export interface Chart {
  kind: "kpi" | "line" | "pie" | "bar" | "table";
  rows: Record<string, Cell>[];
  x: string | null;
  y: string | null;
  title: string | null;
  xLabel: string | null;
  yLabel: string | null;
}

export interface Result {
  sql: string;
  columns: string[];
  rows: Record<string, Cell>[];
  rowCount: number;
  truncated: boolean;
  chart: Chart | null;
}

/** Something that the agent did. */
export interface Step {
  kind: "tool" | "note";
  /** The tool's name, or what kind of note. */
  name: string;
  /** A sentence for people; of a note only. */
  message: string;
  input: unknown;
  output: string | null;
  /** Whether the tool said that it did not succeed. */
  failed: boolean;
  /** When it began, if that was seen as it happened; as `performance.now()` tells it. */
  began: number | null;
  /** How long it took in milliseconds, as its end tells, or else as it was seen here. */
  took: number | null;
}

export type RunState = "waiting" | "working" | "completed" | "partial" | "failed" | "cancelled";

/** One question and what came of it. */
export interface Run {
  number: number;
  /** The question; null when only the stream is known, which does not tell it. */
  question: string | null;
  /** Whether that is known; or else it was concluded from the order of what was asked. */
  sure: boolean;
  state: RunState;
  thinking: string;
  steps: Step[];
  todos: Todo[];
  results: Result[];
  answer: string;
  suggestions: string[];
  error: string | null;
  /** Milliseconds, as the run's result tells it. */
  took: number | null;
  /** Whether events are missing. */
  gap: boolean;
}

/** Texts that a cut turn of the model takes back with it. */
interface Texts {
  thinking: string;
  answer: string;
  suggested: string;
}

/** The runs of one session, in order. */
export class Story {
  readonly runs: Run[] = [];
  private suggested = "";
  private openAnswer = false;
  /** Whether what is thought next goes on with the same turn of the model. */
  private openThought = false;
  private kept: Texts = { thinking: "", answer: "", suggested: "" };

  /** A question that was asked here; its events are about to come. */
  ask(question: string): Run {
    const run = this.begin();
    run.question = question;
    run.sure = true;
    return run;
  }

  /** The run that events belong to now, if there is one. */
  get current(): Run | null {
    return this.runs.at(-1) ?? null;
  }

  /** Whether the newest run has not ended yet. */
  get isOpen(): boolean {
    const current = this.current;
    return current !== null && (current.state === "waiting" || current.state === "working");
  }

  /** Takes in one event. Whatever lacks a field or is unknown changes nothing. */
  take(type: string, data: unknown, live: boolean): void {
    if (!isObject(data)) return;
    if (type === "gap") {
      // Before the first event nothing tells which run lost something.
      if (this.current !== null) this.current.gap = true;
      return;
    }
    const run = this.isOpen && this.current !== null ? this.current : this.begin();
    if (run.state === "waiting") run.state = "working";
    this.event(run, type, data, live);
  }

  private begin(): Run {
    const run: Run = {
      number: this.runs.length + 1,
      question: null,
      sure: false,
      state: "waiting",
      thinking: "",
      steps: [],
      todos: [],
      results: [],
      answer: "",
      suggestions: [],
      error: null,
      took: null,
      gap: false,
    };
    this.runs.push(run);
    this.suggested = "";
    this.openAnswer = this.openThought = false;
    this.kept = { thinking: "", answer: "", suggested: "" };
    return run;
  }

  private event(run: Run, type: string, data: Record<string, unknown>, live: boolean): void {
    switch (type) {
      case "thinking":
        this.openAnswer = false;
        // Each turn's thoughts begin a line.
        if (!this.openThought && run.thinking !== "") run.thinking = `${run.thinking.trimEnd()}\n`;
        this.openThought = true;
        run.thinking += text(data["content"]);
        break;
      case "token":
        // A corrected answer is a message of its own, and takes the place of the one before.
        if (!this.openAnswer) run.answer = "";
        this.openAnswer = true;
        run.answer += text(data["content"]);
        break;
      case "answer":
        this.openAnswer = false;
        run.answer = text(data["content"]);
        break;
      case "suggestions":
        this.suggest(run, this.suggested + text(data["content"]));
        break;
      case "todo_update":
        run.todos = todos(data["todos"]);
        break;
      case "tool_start":
        this.openAnswer = this.openThought = false;
        run.steps.push(step("tool", text(data["tool"]), "", data["input"], live));
        this.keep(run);
        break;
      case "tool_end":
        this.openAnswer = this.openThought = false;
        endTool(run, data, live);
        this.keep(run);
        break;
      case "sql_result":
        run.results.push(result(data));
        break;
      case "chart_config":
        draw(run, data);
        break;
      case "memory_loaded":
      case "skill_loaded":
      case "no_data_warning":
        run.steps.push(step("note", type, text(data["message"]), null, false));
        break;
      case "session_resumed":
        // The turn that was cut is told again from its beginning.
        run.thinking = this.kept.thinking;
        run.answer = this.kept.answer;
        this.suggest(run, this.kept.suggested);
        this.openAnswer = this.openThought = false;
        run.steps.push(step("note", type, text(data["message"]), null, false));
        break;
      case "error":
        run.error = text(data["error"]);
        break;
      case "done":
        this.finish(run, data["result"]);
        break;
    }
  }

  private keep(run: Run): void {
    this.kept = { thinking: run.thinking, answer: run.answer, suggested: this.suggested };
  }

  private suggest(run: Run, suggested: string): void {
    this.suggested = suggested;
    run.suggestions = lines(suggested);
  }

  private finish(run: Run, value: unknown): void {
    const done = isObject(value) ? value : {};
    const status = done["status"];
    const known = status === "partial" || status === "failed" || status === "cancelled";
    run.state = known ? status : run.error !== null ? "failed" : "completed";
    if (typeof done["error"] === "string") run.error = done["error"];
    if (text(done["final_answer"]) !== "") run.answer = text(done["final_answer"]);
    if (typeof done["execution_time_ms"] === "number") run.took = done["execution_time_ms"];
    const suggested = Array.isArray(done["suggested_questions"]) ? done["suggested_questions"] : [];
    const questions = suggested.filter(isObject).map((entry) => text(entry["question"]));
    if (questions.some((question) => question !== "")) run.suggestions = questions.filter(Boolean);
  }
}

function step(kind: Step["kind"], name: string, message: string, input: unknown, live: boolean): Step {
  const began = live ? performance.now() : null;
  return { kind, name, message, input, output: kind === "note" ? "" : null, failed: false, began, took: null };
}

/** It belongs to the earliest call of this tool that has no output yet. */
function endTool(run: Run, data: Record<string, unknown>, live: boolean): void {
  const [tool, output, took] = [text(data["tool"]), text(data["output"]), data["execution_time_ms"]];
  let call = run.steps.find((step) => step.kind === "tool" && step.name === tool && step.output === null);
  if (!call) {
    call = step("tool", tool, "", {}, false);
    run.steps.push(call);
  }
  call.output = output;
  call.failed = saysFailure(output);
  if (typeof took === "number" && took >= 0) call.took = took;
  else if (live && call.began !== null) call.took = performance.now() - call.began;
}

function saysFailure(output: string): boolean {
  try {
    const value: unknown = JSON.parse(output);
    return isObject(value) && value["success"] === false;
  } catch {
    return false;
  }
}

function result(data: Record<string, unknown>): Result {
  const rows = records(data["data"]);
  const named = Array.isArray(data["columns"]) ? data["columns"].filter((name) => typeof name === "string") : [];
  return {
    sql: text(data["sql"]),
    columns: named.length > 0 ? named : Object.keys(rows[0] ?? {}),
    rows,
    rowCount: typeof data["row_count"] === "number" ? data["row_count"] : rows.length,
    truncated: data["truncated"] === true,
    chart: null,
  };
}

/** A chart belongs to the result before it. */
function draw(run: Run, data: Record<string, unknown>): void {
  const kinds: Chart["kind"][] = ["kpi", "line", "pie", "bar", "table"];
  const kind = kinds.find((kind) => kind === data["widget_type"]);
  if (!kind) return;
  const chart: Chart = {
    kind,
    rows: records(data["widget_data"]),
    x: name(data["x_axis_key"]),
    y: name(data["y_axis_key"]),
    title: name(data["widget_title"]),
    xLabel: name(data["x_axis_label"]),
    yLabel: name(data["y_axis_label"]),
  };
  let shown = run.results.at(-1);
  if (!shown) {
    const columns = Object.keys(chart.rows[0] ?? {});
    const { rows } = chart;
    shown = { sql: "", columns, rows, rowCount: rows.length, truncated: false, chart: null };
    run.results.push(shown);
  }
  shown.chart = chart;
}

function todos(value: unknown): Todo[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).map((entry) => {
    const status = entry["status"];
    const known = status === "in_progress" || status === "completed";
    return { content: text(entry["content"]), status: known ? status : "pending" };
  });
}

/** Questions that stand one on a line, as a list or not. */
function lines(written: string): string[] {
  const bare = written.split("\n").map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)])\s*/, "").trim());
  return bare.filter((line) => line !== "");
}

function records(value: unknown): Record<string, Cell>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function name(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
