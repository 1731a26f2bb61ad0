// The questions that were asked lately: as Temporal lists them, and as the page knows better, since that list lags behind.

import type { Asked } from "./api";

/** How many questions the receiver lists. */
const LISTED = 30;
/** The time at which a question began is told a little differently by a list and by itself: by less than this, in ms. */
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

  /** All of them. */
  all(): Asked[] {
    const better = this.seen.filter(({ asked, at }) => {
      const listed = this.listed.find((one) => same(one, asked));
      if (!listed) return true;
      // An end is final, whoever knows of it.
      return isOver(asked) === isOver(listed) ? at > this.listedAt : isOver(asked);
    });
    const kept = this.listed.filter((one) => !better.some(({ asked }) => same(one, asked)));
    const all = [...better.map(({ asked }) => asked), ...kept];
    return all.sort((one, other) => began(other) - began(one)).slice(0, LISTED);
  }
}
