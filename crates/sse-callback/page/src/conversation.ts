// One session: its stream, its runs, and what Temporal says of the newest of them.

import { type Action, type Api, type Asked, type Question, type Standing } from "./api";
import { Follower, type Link } from "./follower";
import { Story } from "./run";

/** How often it is asked how a run stands, in milliseconds. */
const ASK_EVERY = 2_000;
/** A run that has ended in Temporal is given this long to say so on its stream. */
const LAST_WORDS = 5_000;

const ENDED = new Set(["completed", "partial", "failed", "cancelled", "terminated", "timed_out"]);

/** A session that is on the screen. `changed` is called whenever something of it is another. */
export class Conversation {
  readonly story = new Story();
  link: Link = "connecting";
  /** How the newest run stands; null where nothing but the stream is known. */
  standing: Standing | null = null;
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
        this.story.take(type, data, live);
        if (type === "done") void this.check();
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
    const begun = this.story.runs.slice(before).findLast((run) => run.question === null || run.question === prompt);
    if (begun) begun.question = prompt;
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

  /** Gives the runs their questions, which the stream does not tell. */
  name(asked: Asked[]): void {
    const mine = asked.filter((one) => one.session_id === this.session);
    mine.sort((a, b) => b.started_at.localeCompare(a.started_at));
    const runs = this.story.runs.toReversed();
    // A run that has just been asked for may not be listed yet.
    if (runs.length > 0 && mine[0] && runs[0]?.question !== null && runs[0]?.question !== mine[0].prompt) return;
    for (const [index, run] of runs.entries()) run.question ??= mine[index]?.prompt ?? null;
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
    if (this.ended) return;
    const current = this.story.current;
    if (current && this.standing && this.story.isOpen) current.question ??= this.standing.prompt;
    this.changed();
    clearTimeout(this.timer);
    const goesOn = this.story.isOpen || (this.standing !== null && !ENDED.has(this.standing.status));
    if (goesOn) this.timer = setTimeout(() => void this.check(), ASK_EVERY);
  }

  /** A workflow that was terminated, say, has no last word on the stream. */
  private endWhatIsOver(standing: Standing): void {
    const run = this.story.current;
    if (!run || !this.story.isOpen || !ENDED.has(standing.status) || run.question !== standing.prompt) {
      this.endedSince = null;
      return;
    }
    this.endedSince ??= Date.now();
    if (Date.now() - this.endedSince < LAST_WORDS) return;
    run.state = standing.status === "completed" ? "completed" : standing.status === "cancelled" ? "cancelled" : "failed";
    run.error ??= standing.reason;
  }
}
