// The buttons that steer a run: what makes sense now, and only that.

import { type Action } from "../api";
import { h, replace, setText } from "../dom";
import { t } from "../i18n";

const POSSIBLE: Record<string, Action[]> = {
  planning: ["pause", "stop"],
  awaiting_approval: ["accept_plan", "reject_plan", "stop"],
  running: ["pause", "stop"],
  pausing: ["resume", "stop"],
  paused: ["resume", "stop"],
};

const NAMES = {
  accept_plan: "accept",
  reject_plan: "reject",
  pause: "pause",
  resume: "resume",
  stop: "stop",
} as const;

/** The controls of one run. */
export class ControlsView {
  readonly element = h("section", { class: "controls", hidden: true, "aria-label": t("controls") });
  private readonly error = h("p", { class: "error", role: "alert" });
  private readonly reason = h("input", { type: "text", maxlength: 500, autocomplete: "off" });
  private readonly reasonText = h("span");
  private readonly reasonLabel = h("label", { class: "reason" }, this.reasonText, this.reason);
  private readonly buttons = h("div", { class: "buttons" });
  private standing: string | null = null;
  private busy = false;

  constructor(
    private readonly act: (action: Action, reason: string) => Promise<void>,
    private readonly leave: () => void,
  ) {
    this.element.append(this.reasonLabel, this.buttons, this.error);
  }

  /** Shows what can be done in this state; null is a run that nobody can steer from here. */
  update(standing: string | null): void {
    if (standing === this.standing) return;
    this.standing = standing;
    const possible = standing === null ? [] : (POSSIBLE[standing] ?? []);
    const had = this.element.contains(document.activeElement);
    const typing = document.activeElement === this.reason;
    this.element.hidden = possible.length === 0;
    setText(this.reasonText, standing === "awaiting_approval" ? t("reasonPlan") : t("reason"));
    replace(this.buttons, ...possible.map((action) => this.button(action)));
    setText(this.error, "");
    // Whoever has just used a button that is gone goes on from the run's heading.
    if (had && (possible.length === 0 || !typing)) this.leave();
  }

  private button(action: Action): HTMLElement {
    const first = action === "accept_plan" || action === "resume";
    const kind = action === "stop" ? "danger" : first ? "primary" : "";
    return h("button", { type: "button", class: kind, "data-action": action, click: () => void this.press(action) }, t(NAMES[action]));
  }

  private async press(action: Action): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    // A button that is disabled would lose the focus.
    this.buttons.setAttribute("aria-busy", "true");
    setText(this.error, "");
    try {
      await this.act(action, this.reason.value.trim());
      this.reason.value = "";
    } catch (error) {
      setText(this.error, t("apiDown", { reason: error instanceof Error ? error.message : String(error) }));
    }
    this.busy = false;
    this.buttons.removeAttribute("aria-busy");
  }
}
