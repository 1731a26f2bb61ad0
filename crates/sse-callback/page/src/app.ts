// The page as a whole: its header, its lists, the conversation, and the address bar.

import { Api, type Asked, type Connection, Refused, type Standing } from "./api";
import { Conversation } from "./conversation";
import { h, Keyed, replace, setText } from "./dom";
import { choose, current, type Language, t } from "./i18n";
import { isOver, Recent } from "./recent";
import type { Run } from "./run";
import { keep, token } from "./token";
import { AskForm, tokenForm, type Wanted, watchForm } from "./view/forms";
import { type RunActions, RunView } from "./view/run";
import { address, SidebarView } from "./view/sidebar";

const LANGUAGES: [Language, string][] = [
  ["en", "English"],
  ["id", "Bahasa Indonesia"],
];

/** How often the list is read again while something in it goes on, in milliseconds. */
const LIST_EVERY = 10_000;
/** How soon it is tried again to learn what can be asked, in milliseconds. */
const TRY_EVERY = 5_000;

export class App {
  private readonly api = new Api(token);
  private conversation: Conversation | null = null;
  /** Null on a receiver that only shows streams. */
  private connections: Connection[] | null = null;
  private readonly recent = new Recent();
  private again: ReturnType<typeof setTimeout> | undefined;
  private wantsToken = false;
  /** Why nothing can be asked now. */
  private trouble: string | null = null;
  /** Why the list is not the newest. */
  private listTrouble: string | null = null;
  private screen: Screen;
  private drawn = false;

  constructor(private readonly place: HTMLElement) {
    this.screen = this.build();
  }

  start(): void {
    const poke = () => this.conversation?.poke();
    addEventListener("online", poke);
    for (const move of ["wheel", "touchmove", "pointerdown", "keydown"]) {
      addEventListener(move, () => this.screen.letGo(), { passive: true });
    }
    addEventListener("popstate", () => this.show(...addressed()));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      poke();
      void this.lookAgain();
    });
    this.show(...addressed());
    void this.findOut();
  }

  /** Asks what this receiver can do, which also shows whether a token is needed. */
  private async findOut(): Promise<void> {
    try {
      this.connections = await this.api.connections();
      this.wantsToken = false;
      this.trouble = null;
    } catch (error) {
      const refused = error instanceof Refused ? error : null;
      this.wantsToken = refused?.wantsToken ?? false;
      this.trouble = refused && (refused.onlyWatches || refused.wantsToken) ? null : String(error instanceof Error ? error.message : error);
      if (refused && !refused.onlyWatches && !refused.wantsToken) this.connections = [];
    }
    if (this.connections) {
      this.conversation?.steer(this.api);
      await this.refresh();
    }
    this.plan();
    this.redraw();
  }

  /** Looks again after a while, where something is to be seen then. */
  private plan(): void {
    clearTimeout(this.again);
    if (this.connections === null || document.hidden) return;
    const goesOn = this.recent.all().some((one) => !isOver(one));
    const wait = (this.trouble ?? this.listTrouble) !== null ? TRY_EVERY : goesOn ? LIST_EVERY : null;
    if (wait !== null) this.again = setTimeout(() => void this.lookAgain(), wait);
  }

  private async lookAgain(): Promise<void> {
    if (this.trouble !== null) await this.findOut();
    else await this.refresh();
  }

  private async refresh(): Promise<void> {
    if (!this.connections) return;
    const at = performance.now();
    try {
      this.recent.list(await this.api.sessions(), at);
      this.conversation?.name(this.recent.all());
      this.listTrouble = null;
    } catch (error) {
      this.listTrouble = error instanceof Error ? error.message : String(error);
    }
    this.plan();
    this.redraw();
  }

  /** Puts a session on the screen. */
  private show(session: string | null, workflow: string | null): Conversation | null {
    this.conversation?.end();
    this.screen.clear();
    const api = this.connections ? this.api : null;
    this.conversation = session === null ? null : this.follow(session, workflow, api);
    if (api && this.conversation) this.conversation.steer(api);
    this.redraw();
    return this.conversation;
  }

  private follow(session: string, workflow: string | null, api: Api | null): Conversation {
    let [ended, begun] = [0, 0];
    let standing: Standing | null = null;
    let checked = false;
    const conversation: Conversation = new Conversation(session, workflow, api, token, () => {
      const { runs } = conversation.story;
      if (conversation.standing && conversation.standing !== standing) this.recent.see(conversation.standing);
      const known = [standing, checked, begun];
      [standing, checked, begun] = [conversation.standing, conversation.checked, runs.length];
      if (standing !== known[0] || checked !== known[1] || begun !== known[2]) conversation.name(this.recent.all());
      const now = runs.filter((run) => run.state !== "waiting" && run.state !== "working").length;
      if (now !== ended) {
        ended = now;
        void this.refresh();
      }
      this.redraw();
    });
    return conversation;
  }

  private open(session: string | null, workflow: string | null): void {
    history.pushState(null, "", address(session, workflow));
    this.show(session, workflow);
    if (session === null) this.screen.ask.focus();
    else this.screen.main.focus();
  }

  private async ask({ prompt, connection, planFirst }: Wanted): Promise<void> {
    const question = { prompt, connection_id: connection, ...(planFirst ? { require_plan_approval: true } : {}) };
    if (this.conversation) {
      await this.conversation.ask(question);
    } else {
      const asked = await this.api.ask(question);
      history.pushState(null, "", address(asked.session_id, asked.workflow_id));
      this.show(asked.session_id, asked.workflow_id)?.asked(prompt, asked.workflow_id);
    }
    void this.refresh();
    this.screen.showNewest();
  }

  private build(): Screen {
    const screen = new Screen({
      open: (session, workflow) => this.open(session, workflow),
      refresh: () => void this.refresh(),
      ask: (wanted) => this.ask(wanted),
      language: (language) => this.speak(language),
      tryNow: () => this.conversation?.poke(),
      token: (given) => {
        keep(given);
        this.wantsToken = false;
        this.conversation?.poke();
        void this.findOut();
      },
      act: async (action, reason) => this.conversation?.act(action, reason),
      canAsk: () => this.connections !== null,
    });
    replace(this.place, ...screen.elements);
    return screen;
  }

  private speak(language: Language): void {
    choose(language);
    const { ask } = this.screen;
    this.screen.clear();
    this.screen = this.build();
    this.screen.ask.continue(ask);
    this.drawn = false;
    this.redraw();
    this.screen.focusLanguage(language);
  }

  /** Draws once for many changes. */
  private redraw(): void {
    if (this.drawn) return;
    this.drawn = true;
    const draw = () => {
      if (!this.drawn) return;
      this.drawn = false;
      this.screen.draw(this.conversation, this.connections, this.recent.all(), this.wantsToken, this.trouble ?? this.listTrouble);
    };
    // A tab that nobody sees gets no frames.
    if (document.hidden) setTimeout(draw, 100);
    else requestAnimationFrame(draw);
  }
}

function addressed(): [string | null, string | null] {
  const query = new URLSearchParams(location.search);
  return [query.get("session") || null, query.get("workflow") || null];
}

interface Doings extends Pick<RunActions, "act"> {
  open: (session: string | null, workflow: string | null) => void;
  refresh: () => void;
  ask: (wanted: Wanted) => Promise<void>;
  language: (language: Language) => void;
  tryNow: () => void;
  token: (token: string) => void;
  canAsk: () => boolean;
}

/** What is on the screen, in one language. */
class Screen {
  readonly elements: HTMLElement[];
  readonly main = h("main", { id: "conversation", tabindex: -1, "aria-label": t("conversation") });
  readonly ask: AskForm;
  private readonly sidebar: SidebarView;
  private readonly link = h("span", { class: "link-text", role: "status" });
  private readonly tryNow: HTMLButtonElement;
  private readonly linkBox: HTMLElement;
  private readonly trouble = h("p", { class: "error", role: "alert", hidden: true });
  private readonly tokenForm: HTMLElement;
  private readonly watchForm: HTMLElement;
  private readonly runs = h("div", { class: "runs" });
  private readonly idle = h("p", { class: "quiet idle" });
  private readonly welcome = h(
    "section",
    { class: "welcome", hidden: true },
    h("h2", {}, t("welcome")),
    h("p", { class: "quiet" }, t("welcomeHint")),
  );
  private readonly askBox: HTMLElement;
  private readonly languages: HTMLButtonElement[];
  private readonly body: HTMLElement;
  private views: RunView[] = [];
  private keyed: Keyed<Run>;
  private standing: string | null = null;
  private newest: Run | null = null;
  /** Whether the newest question is kept in sight while it grows: from its asking until somebody moves. */
  private following = false;

  constructor(private readonly doings: Doings) {
    document.documentElement.lang = current();
    this.ask = new AskForm(doings.ask);
    this.sidebar = new SidebarView(doings.open, doings.refresh);
    this.tokenForm = tokenForm(doings.token);
    this.watchForm = watchForm((session) => doings.open(session, null));
    this.tryNow = h("button", { type: "button", class: "plain", hidden: true, click: doings.tryNow }, t("tryNow"));
    this.linkBox = h("div", { class: "link", hidden: true }, this.link, this.tryNow);
    this.languages = LANGUAGES.map(([language, name]) =>
      h(
        "button",
        {
          type: "button",
          lang: language,
          title: name,
          "aria-pressed": String(language === current()),
          click: () => doings.language(language),
        },
        language.toUpperCase(),
        h("span", { class: "off-screen" }, ` ${name}`),
      ),
    );
    const home = h("a", { href: "/", class: "brand" }, h("h1", {}, t("title")));
    home.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      doings.open(null, null);
    });
    const header = h(
      "header",
      { class: "top" },
      home,
      h("span", { class: "tagline" }, t("tagline")),
      this.linkBox,
      h("div", { class: "languages", role: "group", "aria-label": t("language") }, ...this.languages),
    );
    const skip = h("a", { href: "#conversation", class: "skip" }, t("skip"));
    this.askBox = h("section", { class: "ask-box", "aria-label": t("askTitle"), hidden: true }, this.ask.element);
    this.main.append(this.trouble, this.tokenForm, this.watchForm, this.welcome, this.runs, this.idle, this.askBox);
    this.body = h("div", { class: "body" }, this.sidebar.element, this.main);
    this.elements = [skip, header, this.body];
    this.keyed = this.newKeyed();
  }

  private newKeyed(): Keyed<Run> {
    return new Keyed<Run>(this.runs, (run) => {
      const suggest = this.doings.canAsk() ? (question: string) => void this.ask.ask(question) : null;
      const view = new RunView(run, { suggest, act: this.doings.act });
      this.views.push(view);
      return {
        element: view.element,
        update: (run: Run) => view.update(run, run === this.newest ? this.standing : null),
      };
    });
  }

  /** Takes the conversation off the screen. */
  clear(): void {
    this.following = false;
    for (const view of this.views) view.end();
    this.views = [];
    this.runs.replaceChildren();
    this.keyed = this.newKeyed();
  }

  focusLanguage(language: Language): void {
    this.languages.find((button) => button.lang === language)?.focus();
  }

  /** Brings the newest question into sight once it is drawn, and keeps it there. */
  showNewest(): void {
    this.following = true;
    requestAnimationFrame(() => requestAnimationFrame(() => this.follow()));
  }

  /** Somebody moves, and decides what is in sight. */
  letGo(): void {
    this.following = false;
  }

  /** What has just begun is too short to stand at the top: it gets there as it grows. */
  private follow(): void {
    if (this.following) this.views.at(-1)?.element.scrollIntoView({ block: "start" });
  }

  draw(
    conversation: Conversation | null,
    connections: Connection[] | null,
    asked: Asked[],
    wantsToken: boolean,
    trouble: string | null,
  ): void {
    const asks = connections !== null;
    const link = conversation?.link ?? null;
    const locked = link === "denied" || (wantsToken && conversation === null);
    this.body.classList.toggle("asks", asks);
    this.sidebar.element.hidden = !asks;
    this.askBox.hidden = !asks;
    const session = conversation?.session ?? null;
    const newest = conversation?.standing ?? asked.find((one) => one.session_id === session);
    this.sidebar.update(asked, session);
    if (connections) this.ask.update(connections, session, newest?.connection_id ?? null, trouble === null);
    this.trouble.hidden = trouble === null;
    setText(this.trouble, trouble === null ? "" : t("apiDown", { reason: trouble }));
    this.tokenForm.hidden = !locked;
    this.watchForm.hidden = conversation !== null || asks;
    this.welcome.hidden = conversation !== null || !asks;
    this.linkBox.hidden = link === null;
    this.linkBox.dataset["link"] = link ?? "";
    setText(this.link, link === null ? "" : t(`link_${link}`));
    this.tryNow.hidden = link !== "lost";

    const runs = conversation?.story.runs ?? [];
    this.newest = runs.at(-1) ?? null;
    this.standing = conversation?.standing?.status ?? null;
    this.keyed.update(runs, (run) => String(run.number));
    const quiet = conversation !== null && !locked && link === "live" && !conversation.story.isOpen;
    this.idle.hidden = !quiet || asks;
    setText(this.idle, runs.length === 0 ? t("none") : t("watching"));
    const name = this.newest?.question ?? session;
    document.title = name === null ? t("title") : `${name} · ${t("title")}`;
    this.follow();
  }
}
