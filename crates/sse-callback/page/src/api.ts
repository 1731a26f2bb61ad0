// The receiver's own interface for asking and steering; without Temporal it only says so.

import { isObject } from "./run";

export interface Connection {
  id: string;
  alias: string;
  dialect: string;
}

/** One question, as Temporal knows it. */
export interface Asked {
  session_id: string;
  workflow_id: string;
  prompt: string;
  connection_id: string;
  status: string;
  started_at: string;
  ended_at: string | null;
}

/** How the newest question of a session stands. */
export interface Standing extends Asked {
  reason: string | null;
  plan: string[] | null;
}

export interface Question {
  prompt: string;
  connection_id: string;
  session_id?: string;
  require_plan_approval?: boolean;
}

export type Action = "accept_plan" | "reject_plan" | "pause" | "resume" | "stop";

/** What the receiver answered instead of doing it. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }

  /** Whether this receiver does not start runs at all. */
  get onlyWatches(): boolean {
    // A token that is good for reading only.
    return this.status === 403 || this.status === 404 || this.status === 501;
  }

  get wantsToken(): boolean {
    return this.status === 401;
  }
}

/** No answer within this time is no answer. */
const PATIENCE = 20_000;

export class Api {
  constructor(private readonly token: () => string | null) {}

  async connections(): Promise<Connection[]> {
    return ((await this.call("GET", "/api/connections")) as { connections: Connection[] }).connections;
  }

  async sessions(): Promise<Asked[]> {
    return ((await this.call("GET", "/api/sessions")) as { sessions: Asked[] }).sessions;
  }

  async standing(session: string, workflow: string | null): Promise<Standing> {
    const query = workflow === null ? "" : `?workflow_id=${encodeURIComponent(workflow)}`;
    return (await this.call("GET", `/api/sessions/${encodeURIComponent(session)}${query}`)) as Standing;
  }

  async ask(question: Question): Promise<{ session_id: string; workflow_id: string }> {
    return (await this.call("POST", "/api/questions", question)) as { session_id: string; workflow_id: string };
  }

  async act(session: string, workflow: string | null, action: Action, reason: string): Promise<void> {
    const body = { ...(workflow === null ? {} : { workflow_id: workflow }), ...(reason === "" ? {} : { reason }) };
    await this.call("POST", `/api/sessions/${encodeURIComponent(session)}/${action}`, body);
  }

  private async call(method: string, path: string, body?: object): Promise<unknown> {
    const headers: Record<string, string> = { Accept: "application/json" };
    const token = this.token();
    if (token !== null) headers["Authorization"] = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(path, {
      method,
      headers,
      body: body ? JSON.stringify(body) : null,
      signal: AbortSignal.timeout(PATIENCE),
      cache: "no-store",
    });
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer;
    throw new Refused(response.status, detail(answer) ?? `HTTP ${response.status}`);
  }
}

/** The sentence of a refusal, or the first of its mistakes. */
function detail(answer: unknown): string | null {
  if (!isObject(answer)) return null;
  const { detail } = answer;
  if (typeof detail === "string") return detail;
  const first: unknown = Array.isArray(detail) ? detail[0] : null;
  return isObject(first) && typeof first["msg"] === "string" ? first["msg"] : null;
}
