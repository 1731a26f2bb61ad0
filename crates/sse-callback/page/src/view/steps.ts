// What the agent does, step by step, with the time that each took.

import { h, Keyed, replace, set, setText } from "../dom";
import { duration, t, toolName } from "../i18n";
import { laidOut } from "../json";
import { isObject, type Run, type Step, type Todo } from "../run";
import { sqlFragment } from "../safe";
import { sqlBlock } from "./result";

/** The steps of a run, folded to one line until somebody wants them. */
export class StepsView {
  readonly element: HTMLDetailsElement;
  private readonly summary = h("summary");
  private readonly list = h("ol", { class: "steps" });
  private readonly keyed = new Keyed<Step>(this.list, (step) => new StepView(step));

  constructor() {
    this.element = h("details", { class: "fold" }, this.summary, this.list);
  }

  update(run: Run): void {
    const { steps } = run;
    this.element.hidden = steps.length === 0;
    const last = steps.at(-1);
    const now = last && last.kind === "tool" && last.output === null ? `: ${toolName(last.name)}…` : "";
    setText(this.summary, (steps.length === 1 ? t("oneStep") : t("stepsCount", { n: steps.length })) + now);
    this.keyed.update(steps, (_, index) => String(index));
  }
}

class StepView {
  readonly element: HTMLElement;
  private readonly state = h("span", { class: "step-state" });
  private readonly body = h("div", { class: "step-body" });
  private shown: string | null = null;

  constructor(step: Step) {
    if (step.kind === "note") {
      this.element = h("li", { class: "note" }, step.message);
      return;
    }
    const head = h("summary", {}, h("span", { class: "step-name" }, toolName(step.name)), " ", this.state);
    this.element = h("li", {}, h("details", {}, head, this.body));
  }

  update(step: Step): void {
    if (step.kind === "note") return;
    const state = step.output === null ? "running" : step.failed ? "failed" : "done";
    const took = step.took === null ? "" : ` · ${duration(step.took)}`;
    set(this.element, { "data-state": state });
    setText(this.state, t(state) + took);
    if (this.shown === state) return;
    this.shown = state;
    replace(this.body, ...detail(step));
  }
}

function detail(step: Step): Node[] {
  const nodes: Node[] = [];
  const query = isObject(step.input) ? (step.input["query"] ?? step.input["sql"]) : null;
  if (typeof query === "string" && step.name.includes("query")) nodes.push(sqlBlock(query));
  else if (isObject(step.input) && Object.keys(step.input).length > 0) nodes.push(block(t("input"), step.input));
  if (step.output !== null && step.output !== "") nodes.push(block(t("output"), step.output));
  return nodes;
}

function block(name: string, value: unknown): HTMLElement {
  return h(
    "div",
    { class: "io" },
    h("span", { class: "quiet" }, name),
    h("pre", { tabindex: 0, role: "group", "aria-label": name }, pretty(value)),
  );
}

function pretty(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  try {
    return laidOut(value);
  } catch {
    return value;
  }
}

/** The words of an item, of which a query at the end is coloured like any other. */
function item(content: string): Node[] {
  const [, words = content, query] = /^(.*?: )((?:SELECT|WITH) .+)$/s.exec(content) ?? [];
  return [new Text(words), ...(query === undefined ? [] : [h("code", {}, sqlFragment(query))])];
}

/** A to-do list, or a plan that waits for a person. */
export class TodoView {
  readonly element = h("section", { class: "todo", hidden: true });
  private readonly heading = h("h3");
  private readonly list = h("ul");
  private shown = "";

  constructor() {
    this.element.append(this.heading, this.list);
  }

  /** Shows the list; `proposed` is a plan of which nothing is done yet. */
  update(todos: Todo[], proposed: boolean): void {
    this.element.hidden = todos.length === 0;
    setText(this.heading, proposed ? t("plan") : t("todo"));
    const now = JSON.stringify(todos);
    if (now === this.shown) return;
    this.shown = now;
    replace(
      this.list,
      ...todos.map(({ content, status }) =>
        h("li", { "data-status": status }, ...item(content), h("span", { class: "off-screen" }, ` (${t(`todo_${status}`)})`)),
      ),
    );
  }
}
