/** What somebody has chosen and typed, until it is sent. */

import { bytesOf, clean, LAW_BYTES_MAX, NOTE_BYTES_MAX } from "./api";
import type { Guideline, Moment, Report, Topic } from "./api";

export interface Draft {
  topic: Topic | null;
  guideline: Guideline | null;
  moments: Moment[];
  note: string;
  isNotice: boolean;
  law: string;
  isInGoodFaith: boolean;
  mayBeGuessed: boolean;
}

/** What keeps a draft from being sent, by field. */
export type Lack = "note" | "law" | "goodFaith";

export function emptyDraft(): Draft {
  return {
    topic: null,
    guideline: null,
    moments: [],
    note: "",
    isNotice: false,
    law: "",
    isInGoodFaith: false,
    mayBeGuessed: false,
  };
}

/** Whether the draft says that something is illegal, which not every guideline allows. */
export function isNotice(draft: Draft): boolean {
  return draft.isNotice && !!draft.guideline?.illegal_notice;
}

/** What is missing or too long, in the order of the form. */
export function lacks(draft: Draft): Lack[] {
  const found: Lack[] = [];
  if (bytesOf(draft.note) > NOTE_BYTES_MAX) found.push("note");
  if (isNotice(draft)) {
    const bytes = bytesOf(draft.law);
    if (bytes === 0 || bytes > LAW_BYTES_MAX) found.push("law");
    if (!draft.isInGoodFaith) found.push("goodFaith");
  }
  return found;
}

/** The report that is sent. */
export function reportOf(draft: Draft, guideline: Guideline): Report {
  const note = clean(draft.note);
  return {
    guideline: guideline.id,
    ...(note && { note }),
    moments: draft.moments,
    ...(isNotice(draft) && { notice: { law: clean(draft.law), good_faith: true as const } }),
    act_even_if_guessed: draft.mayBeGuessed,
  };
}
