// The recent sessions, each with its last question and how it stands.

import type { Asked } from "../api";
import { h, replace } from "../dom";
import { locale, t, type Word } from "../i18n";

/** The list beside the conversation. */
export class SidebarView {
  readonly element: HTMLElement;
  private readonly list = h("ul", { class: "sessions", id: "sessions" });
  /** On a phone the list is folded away: what is asked and answered needs the room. */
  private readonly fold = h(
    "button",
    { type: "button", class: "fold-button", "aria-controls": "sessions", "aria-expanded": "false", click: () => this.unfold() },
    t("sessions"),
  );
  private shown = "";

  constructor(open: (session: string | null, workflow: string | null) => void, refresh: () => void) {
    this.element = h(
      "nav",
      { class: "sidebar", "aria-label": t("sessions") },
      h(
        "div",
        { class: "sidebar-top" },
        h("button", { type: "button", class: "new", click: () => open(null, null) }, t("newSession")),
        this.fold,
      ),
      h(
        "div",
        { class: "sidebar-head" },
        h("h2", {}, t("sessions")),
        h("button", { type: "button", class: "plain", click: refresh }, t("refresh")),
      ),
      this.list,
    );
    this.list.addEventListener("click", (event) => {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.unfold(false);
      open(link.dataset["session"] ?? null, link.dataset["workflow"] ?? null);
    });
  }

  private unfold(wanted = !this.element.classList.contains("unfolded")): void {
    this.element.classList.toggle("unfolded", wanted);
    this.fold.setAttribute("aria-expanded", String(wanted));
  }

  update(asked: Asked[], session: string | null): void {
    const newest = new Map<string, Asked>();
    for (const one of asked) if (!newest.has(one.session_id)) newest.set(one.session_id, one);
    const now = JSON.stringify([[...newest.values()], session]);
    if (now === this.shown) return;
    this.shown = now;
    const items = [...newest.values()].map((one) => h("li", {}, entry(one, one.session_id === session)));
    replace(this.list, ...(items.length > 0 ? items : [h("li", { class: "quiet" }, t("noSessions"))]));
  }
}

function entry(one: Asked, here: boolean): HTMLElement {
  const began = new Date(one.started_at);
  const time = Number.isNaN(began.getTime())
    ? ""
    : began.toLocaleString(locale(), { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  return h(
    "a",
    {
      href: address(one.session_id, one.workflow_id),
      "data-session": one.session_id,
      "data-workflow": one.workflow_id,
      "aria-current": here ? "page" : null,
    },
    h("span", { class: "session-question" }, one.prompt),
    h("span", { class: "session-state", "data-status": one.status }, t(`state_${one.status}` as Word)),
    time === "" ? "" : " · ",
    h("time", { datetime: one.started_at }, time),
  );
}

/** Where a session is found. */
export function address(session: string | null, workflow: string | null): string {
  if (session === null) return "/";
  const query = new URLSearchParams({ session });
  if (workflow !== null) query.set("workflow", workflow);
  return `/?${query}`;
}
