// One question on the page: how it stands, what the agent did, and the answer as it is typed.

import type { Action } from "../api";
import { h, Keyed, replace, setText } from "../dom";
import { duration, t, type Word } from "../i18n";
import type { Result, Run } from "../run";
import { GrowingMarkdown } from "../safe";
import { ControlsView } from "./controls";
import { ResultView } from "./result";
import { StepsView, TodoView } from "./steps";

/** What a run on the page can ask of the rest of it. */
export interface RunActions {
  /** Asks this next; null where questions cannot be asked here. */
  suggest: ((question: string) => void) | null;
  act: (action: Action, reason: string) => Promise<void>;
}

/** A run on the page, changed in place as events come. */
export class RunView {
  readonly element: HTMLElement;
  private readonly heading: HTMLElement;
  private readonly state = h("p", { class: "state", role: "status" });
  private readonly gap = h("p", { class: "notice", hidden: true });
  private readonly thinking = h("div", { class: "thinking" });
  private readonly thinkingFold = h("details", { class: "fold", hidden: true }, h("summary", {}, t("thinking")), this.thinking);
  private readonly steps = new StepsView();
  private readonly todo = new TodoView();
  private readonly controls: ControlsView;
  private readonly answer = h("div", { class: "answer-text", "aria-live": "polite", "aria-busy": "true" });
  private readonly answerBox = h("section", { class: "answer", hidden: true }, h("h3", {}, t("answer")), this.answer);
  private readonly markdown = new GrowingMarkdown(this.answer);
  private readonly results = h("div", { class: "results" });
  private readonly error = h("p", { class: "error", role: "alert", hidden: true });
  private readonly suggestionList = h("ul");
  private readonly suggestions = h("section", { class: "suggestions", hidden: true }, h("h3", {}, t("suggestions")), this.suggestionList);
  private readonly views: ResultView[] = [];
  private readonly keyed: Keyed<Result>;
  private suggested = "";
  private several = false;

  constructor(
    run: Run,
    private readonly actions: RunActions,
  ) {
    const name = `run-${run.number}`;
    this.heading = h("h2", { id: name, tabindex: -1 });
    this.controls = new ControlsView(actions.act, () => this.heading.focus());
    this.element = h(
      "article",
      { class: "run", "aria-labelledby": name },
      this.heading,
      this.state,
      this.gap,
      this.thinkingFold,
      this.steps.element,
      this.todo.element,
      this.controls.element,
      this.error,
      this.answerBox,
      this.results,
      this.suggestions,
    );
    this.keyed = new Keyed<Result>(this.results, (result) => {
      const number = this.views.length + 1;
      const view = new ResultView(result, this.several ? t("resultNumber", { n: number }) : t("result"));
      this.views.push(view);
      return view;
    });
  }

  /** Shows the run; `standing` is what Temporal says of it, where that is known. */
  update(run: Run, standing: string | null): void {
    const open = run.state === "waiting" || run.state === "working";
    setText(this.heading, run.question ?? t("runNumber", { n: run.number }));
    this.element.dataset["state"] = run.state;
    this.element.dataset["standing"] = open ? (standing ?? "") : "";
    setText(this.state, stateText(run, open ? standing : null));
    this.gap.hidden = !run.gap;
    setText(this.gap, t("gap"));
    this.thinkingFold.hidden = run.thinking.trim() === "";
    setText(this.thinking, run.thinking.trim());
    this.steps.update(run);
    this.todo.update(run.todos, open && (standing === "planning" || standing === "awaiting_approval"));
    this.controls.update(open ? standing : null);
    this.error.hidden = run.error === null;
    setText(this.error, run.error ?? "");
    this.answerBox.hidden = run.answer.trim() === "";
    this.answer.setAttribute("aria-busy", String(open));
    this.answer.classList.toggle("typing", run.state === "working");
    this.markdown.update(run.answer);
    this.several = this.several || run.results.length > 1;
    this.keyed.update(run.results, (_, index) => String(index));
    this.suggest(run, open);
  }

  end(): void {
    for (const view of this.views) view.end();
  }

  private suggest(run: Run, open: boolean): void {
    // While they are typed they are not questions yet.
    const questions = open ? [] : run.suggestions;
    const now = JSON.stringify(questions);
    if (now === this.suggested) return;
    this.suggested = now;
    this.suggestions.hidden = questions.length === 0;
    const { suggest } = this.actions;
    replace(
      this.suggestionList,
      ...questions.map((question) =>
        h("li", {}, suggest ? h("button", { type: "button", click: () => suggest(question) }, question) : question),
      ),
    );
  }
}

const STANDINGS = new Set([
  "planning", "awaiting_approval", "pausing", "paused", "stopping", "running", "terminated", "timed_out",
]);

function stateText(run: Run, standing: string | null): string {
  const known = standing !== null && STANDINGS.has(standing) && !(standing === "running" && run.state === "waiting");
  const word = known ? standing : run.state;
  const took = run.took === null ? "" : ` · ${duration(run.took)}`;
  return t(`state_${word}` as Word) + took;
}
