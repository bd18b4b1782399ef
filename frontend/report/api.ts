/** What the dialog reads from Underseal, and what it sends there: docs/guides/api.md. */

/** Longest note and longest name of a law, in bytes of UTF-8, and most moments: the API's limits. */
export const NOTE_BYTES_MAX = 8_000;
export const LAW_BYTES_MAX = 1_000;
export const MOMENTS_MAX = 20;

const PATIENCE_MS = 20_000;

export interface Guideline {
  id: string;
  label: string;
  label_language: string;
  text: string;
  text_language: string;
  examples: string[];
  examples_language: string;
  affected_person_only: boolean;
  illegal_notice: boolean;
}

export interface Topic {
  id: string;
  label: string;
  label_language: string;
  guidelines: Guideline[];
}

export interface Taxonomy {
  topics: Topic[];
  before: { always: string[]; notice: string[]; affected_person_only: string[] };
}

/** A stretch of the video. */
export interface Moment {
  start_ms: number;
  end_ms: number;
}

export interface Report {
  guideline: string;
  note?: string;
  moments: Moment[];
  notice?: { law: string; good_faith: true };
  act_even_if_guessed: boolean;
}

export type Problem = "ticket" | "offline" | "busy" | "refused";

/** There is no answer, or none that helps. */
export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    readonly detail = "",
  ) {
    super(problem);
  }
}

/** What a ticket is for; null if it is none. */
export function subjectOf(ticket: string): { kind: string; id: string } | null {
  try {
    const payload = ticket.split(".")[0]!.replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
    const { kind, id } = JSON.parse(new TextDecoder().decode(bytes)).subject;
    return { kind: String(kind), id: String(id) };
  } catch {
    return null;
  }
}

/** Where Underseal is, and what lets this page report there. */
export interface Access {
  endpoint: string;
  ticket: string;
}

/** Return what a subject of this kind can be reported for. */
export function readTaxonomy(access: Access, kind: string, language: string): Promise<Taxonomy> {
  const query = new URLSearchParams({ subject_kind: kind, language });
  return ask<Taxonomy>(access, `/v1/taxonomy?${query}`);
}

/** File a report, and return its receipt; filed again it is the same report. */
export async function sendReport(access: Access, report: Report): Promise<string> {
  const answer = await ask<{ receipt: string }>(access, "/v1/reports", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(report),
  });
  return answer.receipt;
}

async function ask<Answer>(access: Access, path: string, init: RequestInit = {}): Promise<Answer> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(access.endpoint.replace(/\/$/, "") + path, {
      ...init,
      headers: { ...init.headers, authorization: `Ticket ${access.ticket}` },
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    answer = await response.json();
  } catch {
    throw new ProblemError("offline");
  }
  if (response.ok) return answer as Answer;
  const { detail = "" } = answer as { detail?: string };
  if (response.status === 401) throw new ProblemError("ticket");
  if (response.status === 429 || response.status >= 500) throw new ProblemError("busy");
  throw new ProblemError("refused", detail);
}

/** Return a text as the API takes it: without space around it, whole letters, no NUL. */
export function clean(text: string): string {
  const bytes = new TextEncoder().encode(text.replaceAll("\0", ""));
  return new TextDecoder().decode(bytes).trim();
}

/** The bytes of UTF-8 that the API will count. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(clean(text)).length;
}
