// A parser of server-sent events that is fed with bytes as they come.

/** One event of a stream. */
export interface Frame {
  /** The event's name; `message` when it has none. */
  type: string;
  data: string;
  /** The id that the stream gave last, with this event or before it; empty when none was given. */
  id: string;
  /** Whether this event itself gave the id. */
  ownId: boolean;
}

/** Parses one response. */
export class FrameParser {
  private readonly decoder = new TextDecoder();
  private rest = "";
  private afterReturn = false;
  private data: string[] = [];
  private type = "";
  private ownId = false;
  /** The id that stands behind the last complete frame. */
  private id = "";
  private pendingId = "";
  /** What the server asks to wait before coming back, in milliseconds. */
  retry: number | null = null;

  /** The events that are complete with these bytes. */
  feed(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let text = this.decoder.decode(bytes, { stream: true });
    // A line break of two characters may be cut between two pieces.
    if (this.afterReturn && text.startsWith("\n")) text = text.slice(1);
    if (text !== "") this.afterReturn = text.endsWith("\r");
    const lines = (this.rest + text).split(/\r\n|\n|\r/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      const frame = this.line(line);
      if (frame) frames.push(frame);
    }
    return frames;
  }

  private line(line: string): Frame | null {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const raw = colon < 0 ? "" : line.slice(colon + 1);
    const value = raw.startsWith(" ") ? raw.slice(1) : raw;
    if (field === "data") this.data.push(value);
    else if (field === "event") this.type = value;
    else if (field === "id" && !value.includes("\0")) {
      this.pendingId = value;
      this.ownId = true;
    } else if (field === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
    return null;
  }

  private dispatch(): Frame | null {
    this.id = this.pendingId;
    const frame: Frame | null =
      this.data.length === 0
        ? null
        : { type: this.type || "message", data: this.data.join("\n"), id: this.id, ownId: this.ownId };
    this.data = [];
    this.type = "";
    this.ownId = false;
    return frame;
  }
}
