// Follows a session: reads its stream, comes back when it breaks, and hands on every event once.

import { read } from "./json";
import { FrameParser, type Frame } from "./sse";

/** How the connection stands. */
export type Link = "connecting" | "live" | "lost" | "resting" | "denied" | "refused";

export interface Listener {
  event(type: string, data: unknown, live: boolean): void;
  link(link: Link): void;
}

/** Waits at most this long before it tries again, in milliseconds. */
const LONGEST_WAIT = 15_000;
/** What a stream without a hint waits, in milliseconds. */
const USUAL_WAIT = 1_000;
/** A stream that sends nothing for so long, not even a comment, is taken for dead. */
const SILENCE = 60_000;
/** What comes this soon after a connection began may have happened long before, unless it was quiet first. */
const CATCHING_UP = 750;
/** A stream that is still open after this time will stay so. */
const SETTLED = 300;

type Ending = "done" | "timeout" | "nothing" | "cut" | "denied" | "refused";

/** The place in a log: ids are `{epoch}-{number}`, and numbers grow within an epoch. */
function place(id: string): { epoch: string; number: number } | null {
  const cut = id.lastIndexOf("-");
  const number = Number(id.slice(cut + 1));
  return cut > 0 && Number.isSafeInteger(number) ? { epoch: id.slice(0, cut), number } : null;
}

/** A session that is being read. */
export class Follower {
  private lastId = "";
  private atDone = false;
  /** Whether it is known that nothing stood behind the last `done` yet. */
  private atEnd = false;
  private retry = USUAL_WAIT;
  private failures = 0;
  private stopped = false;
  private abort = new AbortController();
  private wake: (() => void) | null = null;

  constructor(
    private readonly session: string,
    private readonly token: () => string | null,
    private readonly listener: Listener,
  ) {}

  /** Reads until it is stopped. */
  async run(): Promise<void> {
    while (!this.stopped) {
      let ending: Ending;
      try {
        ending = await this.visit();
      } catch {
        ending = "cut";
      }
      if (this.stopped) return;
      await this.between(ending);
    }
  }

  stop(): void {
    this.stopped = true;
    this.abort.abort();
    this.wake?.();
  }

  /** Ends whatever wait there is: the network is back, somebody looks, or there is a token now. */
  poke(): void {
    this.wake?.();
  }

  private async between(ending: Ending): Promise<void> {
    switch (ending) {
      case "done":
        this.failures = 0;
        return;
      case "nothing":
        this.atEnd = true;
        return;
      case "timeout":
        this.failures = 0;
        // A run that goes on is worth a connection, also when nobody looks.
        if (this.atDone && document.hidden) {
          this.listener.link("resting");
          await this.pause(null);
        }
        return;
      case "cut":
        this.listener.link("lost");
        await this.pause(Math.min(this.retry * 2 ** this.failures++, LONGEST_WAIT));
        return;
      case "denied":
      case "refused":
        this.listener.link(ending);
        await this.pause(null);
        return;
    }
  }

  private pause(milliseconds: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = milliseconds === null ? undefined : setTimeout(() => this.wake?.(), milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = null;
        resolve();
      };
    });
  }

  /** One response, read to its end. */
  private async visit(): Promise<Ending> {
    this.abort = new AbortController();
    const waits = this.atDone && this.atEnd;
    const address = `/stream/${encodeURIComponent(this.session)}${waits ? "" : "?replay=all"}`;
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (this.lastId !== "" && !waits) headers["Last-Event-ID"] = this.lastId;
    const token = this.token();
    if (token !== null) headers["Authorization"] = `Bearer ${token}`;
    if (this.failures === 0 && !this.atDone) this.listener.link("connecting");

    const watchdog = new Watchdog(() => this.abort.abort());
    try {
      const response = await fetch(address, { headers, signal: this.abort.signal, cache: "no-store" });
      if (response.status === 204) return "nothing";
      if (response.status === 401 || response.status === 403) return "denied";
      if (response.status >= 500 || response.status === 429) return "cut";
      if (!response.ok || response.body === null) return "refused";
      return await this.read(response.body.getReader(), watchdog);
    } finally {
      watchdog.end();
      this.abort.abort();
    }
  }

  private async read(reader: ReadableStreamDefaultReader<Uint8Array>, watchdog: Watchdog): Promise<Ending> {
    const parser = new FrameParser();
    const began = performance.now();
    let events = 0;
    let quiet = false;
    // A receiver without room answers with a hint and the end, which is not a connection.
    const settled = setTimeout(() => {
      quiet = events === 0;
      this.connected();
    }, SETTLED);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return this.atDone && events > 0 ? "done" : "cut";
        watchdog.pat();
        const frames = parser.feed(value);
        if (parser.retry !== null) this.retry = parser.retry;
        for (const frame of frames) {
          if (events++ === 0) this.connected();
          if (frame.type === "timeout" && !frame.ownId) return "timeout";
          this.take(frame, quiet || performance.now() - began > CATCHING_UP);
        }
      }
    } finally {
      clearTimeout(settled);
    }
  }

  private connected(): void {
    this.failures = 0;
    this.listener.link("live");
  }

  private take(frame: Frame, live: boolean): void {
    if (frame.ownId) {
      if (this.isOld(frame.id)) return;
      this.lastId = frame.id;
      this.atDone = frame.type === "done";
      this.atEnd = false;
    }
    this.listener.event(frame.type, parsed(frame.data), live);
  }

  /** Whether this event was handed on before: a gap is followed by the oldest that is left. */
  private isOld(id: string): boolean {
    const [now, last] = [place(id), place(this.lastId)];
    return now !== null && last !== null && now.epoch === last.epoch && now.number <= last.number;
  }
}

function parsed(data: string): unknown {
  try {
    return read(data);
  } catch {
    return null;
  }
}

/** Barks when nothing has come for too long. */
class Watchdog {
  private timer: ReturnType<typeof setTimeout>;

  constructor(private readonly bark: () => void) {
    this.timer = setTimeout(bark, SILENCE);
  }

  pat(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.bark, SILENCE);
  }

  end(): void {
    clearTimeout(this.timer);
  }
}
