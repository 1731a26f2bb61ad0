// The questions that were asked lately: as Temporal lists them, and as the page knows better, since that list lags behind.

import type { Asked } from "./api";

/** How many questions the receiver lists. */
const LISTED = 30;
/** One workflow answers one question after another; the times of two listings of the same differ by less than this. */
const SAME = 10;

const ENDED = new Set(["completed", "partial", "failed", "cancelled", "terminated", "timed_out"]);

/** Whether a question that stands like this goes on no more. */
export function isOver({ status }: Asked): boolean {
  return ENDED.has(status);
}

function began({ started_at }: Asked): number {
  return Date.parse(started_at) || 0;
}

function same(one: Asked, other: Asked): boolean {
  return one.workflow_id === other.workflow_id && Math.abs(began(one) - began(other)) < SAME;
}

/** Every question once, as it was last heard of, the newest first. */
export class Recent {
  private listed: Asked[] = [];
  private listedAt = 0;
  private seen: { asked: Asked; at: number }[] = [];

  /** Takes in a list that was asked for at this time, as `performance.now()` tells it. */
  list(listed: Asked[], at: number): void {
    if (at >= this.listedAt) [this.listed, this.listedAt] = [listed, at];
  }

  /** How one question stands now. */
  see(asked: Asked): void {
    const others = this.seen.filter((one) => !same(one.asked, asked));
    this.seen = [...others, { asked, at: performance.now() }].slice(-LISTED);
  }

  all(): Asked[] {
    const better = this.seen.filter(({ asked, at }) => {
      const listed = this.listed.find((one) => same(one, asked));
      if (!listed || isOver(asked) !== isOver(listed)) return !listed || isOver(asked);
      return at > this.listedAt;
    });
    const kept = this.listed.filter((one) => !better.some(({ asked }) => same(one, asked)));
    const all = [...better.map(({ asked }) => asked), ...kept];
    return all.sort((one, other) => began(other) - began(one)).slice(0, LISTED);
  }
}
