// One session: its stream, its runs, and what Temporal says of the newest of them.

import { type Action, type Api, type Asked, type Question, type Standing } from "./api";
import { Follower, type Link } from "./follower";
import { isOver } from "./recent";
import { type Run, Story } from "./run";

/** How often it is asked how a run stands, in milliseconds. */
const ASK_EVERY = 2_000;
/** A run that has ended in Temporal is given this long to say so on its stream. */
const LAST_WORDS = 5_000;

/** A session that is on the screen. `changed` is called whenever something of it is another. */
export class Conversation {
  readonly story = new Story();
  link: Link = "connecting";
  /** How the newest run stands; null where nothing but the stream is known. */
  standing: Standing | null = null;
  /** Whether it was asked how that run stands. */
  checked = false;
  private readonly follower: Follower;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;
  private endedSince: number | null = null;

  constructor(
    readonly session: string,
    private workflow: string | null,
    /** Null on a receiver that only shows streams. */
    private api: Api | null,
    token: () => string | null,
    private readonly changed: () => void,
  ) {
    this.follower = new Follower(session, token, {
      event: (type, data, live) => {
        const before = this.story.runs.length;
        this.story.take(type, data, live);
        // One that somebody asks elsewhere begins with its first event.
        if (type === "done" || this.story.runs.length > before) void this.check();
        this.changed();
      },
      link: (link) => {
        if (link === this.link) return;
        this.link = link;
        this.changed();
      },
    });
    void this.follower.run();
  }

  /** Begins to ask how the run stands, once it is known that it can be asked. */
  steer(api: Api): void {
    this.api = api;
    void this.check();
  }

  /** Asks the next question of this session. */
  async ask(question: Question): Promise<void> {
    if (!this.api) return;
    const before = this.story.runs.length;
    const asked = await this.api.ask({ ...question, session_id: this.session });
    this.asked(question.prompt, asked.workflow_id, before);
  }

  /** A question was asked when there were `before` runs: its events are about to come, or came already. */
  asked(prompt: string, workflow: string, before = 0): void {
    this.workflow = workflow;
    this.standing = null;
    // A quick run may have begun, and even ended, sooner than the receiver said that it was asked for.
    const begun = this.story.runs.slice(before).findLast((run) => !run.sure || run.question === prompt);
    if (begun) [begun.question, begun.sure] = [prompt, true];
    else this.story.ask(prompt);
    this.follower.poke();
    this.changed();
    void this.check();
  }

  async act(action: Action, reason: string): Promise<void> {
    if (!this.api) return;
    await this.api.act(this.session, this.workflow, action, reason);
    await this.check();
  }

  /**
   * Gives the runs their questions, which the stream does not tell: the newest run the newest one. A replay brings
   * the oldest run first, so all are named anew whenever one comes.
   */
  name(asked: Asked[]): void {
    // Temporal's list may lag behind by the newest question.
    if (!this.checked) return;
    const mine = asked.filter((one) => one.session_id === this.session);
    const runs = this.story.runs.toReversed();
    const ahead = this.ahead(mine, runs);
    if (ahead === null) return;
    for (const [index, run] of runs.entries()) if (!run.sure) run.question = mine[index + ahead]?.prompt ?? run.question;
  }

  /** By how many questions the list is ahead of the runs, both with the newest first; null where that is not clear. */
  private ahead(mine: Asked[], runs: Run[]): number | null {
    const known = runs.findIndex((run) => run.sure);
    if (known >= 0) {
      const places = [...mine.keys()].filter((place) => mine[place]?.prompt === runs[known]?.question);
      const offsets = places.map((place) => place - known).sort((one, other) => Math.abs(one) - Math.abs(other));
      return offsets[0] ?? null;
    }
    // Of the newest question nothing has come yet, or its run is just about to end.
    if (mine[0] && !isOver(mine[0]) && !this.story.isOpen) return runs[0]?.question == null ? 1 : null;
    return 0;
  }

  /** The network is back, or somebody looks. */
  poke(): void {
    this.follower.poke();
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    this.follower.stop();
  }

  private async check(): Promise<void> {
    clearTimeout(this.timer);
    if (!this.api || this.ended) return;
    try {
      this.standing = await this.api.standing(this.session, this.workflow);
      this.endWhatIsOver(this.standing);
    } catch {
      // A run that was not started through Temporal, or a server that is away: the stream says enough.
      this.standing = null;
    }
    this.checked = true;
    if (this.ended) return;
    const current = this.story.current;
    if (current && this.standing && this.story.isOpen) current.question ??= this.standing.prompt;
    this.changed();
    clearTimeout(this.timer);
    const goesOn = this.story.isOpen || (this.standing !== null && !isOver(this.standing));
    if (goesOn) this.timer = setTimeout(() => void this.check(), ASK_EVERY);
  }

  /** A workflow that was terminated, say, has no last word on the stream. */
  private endWhatIsOver(standing: Standing): void {
    const run = this.story.current;
    if (!run || !this.story.isOpen || !isOver(standing) || run.question !== standing.prompt) {
      this.endedSince = null;
      return;
    }
    this.endedSince ??= Date.now();
    if (Date.now() - this.endedSince < LAST_WORDS) return;
    run.state = standing.status === "completed" ? "completed" : standing.status === "cancelled" ? "cancelled" : "failed";
    run.error ??= standing.reason;
  }
}
