// The places to write in: the question, the id of a session, the token.

import type { Connection } from "../api";
import { h, replace, setText } from "../dom";
import { t } from "../i18n";

/** What somebody wants to know, of which database. */
export interface Wanted {
  prompt: string;
  connection: string;
  planFirst: boolean;
}

/** The question box. It keeps what was written when sending did not work. */
export class AskForm {
  readonly element: HTMLFormElement;
  private readonly prompt = h("textarea", { id: "prompt", rows: 2, maxlength: 10000, required: true });
  private readonly connection = h("select", { id: "connection" });
  private readonly plan = h("input", { type: "checkbox", id: "plan-first" });
  private readonly button = h("button", { type: "submit", class: "primary" });
  private readonly choices = h(
    "div",
    { class: "ask-row" },
    h("label", { class: "inline" }, h("span", { class: "choice-name" }, t("database")), this.connection),
    h("label", { class: "inline check" }, this.plan, h("span", {}, t("planFirst"))),
  );
  private readonly error = h("p", { class: "error", role: "alert" });
  private readonly none = h("p", { class: "error", role: "alert" });
  private ids = "";
  private session: string | null = null;
  /** Whether the database was chosen for this session, by somebody or by what was asked in it before. */
  private chosen = false;
  private busy = false;

  constructor(private readonly send: (wanted: Wanted) => Promise<void>) {
    this.prompt.placeholder = t("placeholder");
    setText(this.button, t("ask"));
    this.connection.addEventListener("change", () => (this.chosen = true));
    this.element = h(
      "form",
      { class: "ask", "aria-label": t("askTitle"), submit: (event) => void this.submit(event) },
      h("label", { for: "prompt" }, t("question")),
      h("div", { class: "ask-main" }, this.prompt, this.button),
      this.choices,
      this.none,
      this.error,
    );
    this.prompt.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.element.requestSubmit();
      }
    });
  }

  /** Goes on with what was written and chosen in another one. */
  continue(other: AskForm): void {
    this.prompt.value = other.prompt.value;
    this.plan.checked = other.plan.checked;
    const { value } = other.connection;
    this.connection.replaceChildren(...other.connection.childNodes);
    this.connection.value = value;
    [this.ids, this.session, this.chosen] = [other.ids, other.session, other.chosen];
  }

  focus(): void {
    this.prompt.focus();
  }

  /**
   * Offers these databases, which are all where they are `known`. A session that is opened brings `own`, what was
   * asked in it before, as its choice.
   */
  update(connections: Connection[], session: string | null, own: string | null, known: boolean): void {
    const ids = JSON.stringify(connections);
    if (ids !== this.ids) {
      this.ids = ids;
      const before = this.connection.value;
      replace(
        this.connection,
        ...connections.map(({ id, alias, dialect }) => h("option", { value: id }, `${alias} (${dialect})`)),
      );
      this.choose(connections, before);
    }
    if (session !== this.session) [this.session, this.chosen] = [session, false];
    if (!this.chosen && own !== null) this.chosen = this.choose(connections, own);
    setText(this.none, connections.length === 0 && known ? t("noConnections") : "");
    this.button.disabled = connections.length === 0;
    this.choices.hidden = connections.length === 0;
  }

  /** Chooses a database by its id or its alias; whether there is one. */
  private choose(connections: Connection[], wanted: string): boolean {
    const found = connections.find(({ id }) => id === wanted) ?? connections.find(({ alias }) => alias === wanted);
    if (found) this.connection.value = found.id;
    return found !== undefined;
  }

  /** Asks as if it had been written and sent by hand. */
  async ask(prompt: string): Promise<void> {
    this.prompt.value = prompt;
    await this.submit(null);
  }

  private async submit(event: Event | null): Promise<void> {
    event?.preventDefault();
    const prompt = this.prompt.value.trim();
    if (prompt === "" || this.connection.value === "" || this.button.disabled || this.busy) return;
    this.busy = true;
    setText(this.button, t("asking"));
    setText(this.error, "");
    try {
      await this.send({ prompt, connection: this.connection.value, planFirst: this.plan.checked });
      // What was written meanwhile is the next question.
      if (this.prompt.value.trim() === prompt) this.prompt.value = "";
    } catch (error) {
      setText(this.error, t("apiDown", { reason: error instanceof Error ? error.message : String(error) }));
    }
    this.busy = false;
    setText(this.button, t("ask"));
  }
}

/** Asks for the id of a session. */
export function watchForm(watch: (session: string) => void): HTMLElement {
  const id = h("input", { type: "text", id: "session-id", required: true, autocomplete: "off", spellcheck: "false" });
  const submit = (event: Event) => {
    event.preventDefault();
    if (id.value.trim() !== "") watch(id.value.trim());
  };
  return h(
    "form",
    { class: "card", submit },
    h("h2", {}, t("watchTitle")),
    h("p", {}, t("watchHint")),
    h("label", { for: "session-id" }, t("watchLabel")),
    h("div", { class: "row" }, id, h("button", { type: "submit" }, t("watch"))),
  );
}

/** Asks for a token. */
export function tokenForm(use: (token: string) => void): HTMLElement {
  const token = h("input", { type: "password", id: "token", required: true, autocomplete: "off" });
  const submit = (event: Event) => {
    event.preventDefault();
    if (token.value.trim() !== "") use(token.value.trim());
  };
  return h(
    "form",
    { class: "card", submit },
    h("h2", {}, t("tokenTitle")),
    h("p", {}, t("tokenHint")),
    h("label", { for: "token" }, t("tokenLabel")),
    h("div", { class: "row" }, token, h("button", { type: "submit", class: "primary" }, t("tokenSend"))),
  );
}
