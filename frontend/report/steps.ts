/** The steps of the dialog: each says what it shows, and tells its stage what was chosen. */

import { bytesOf, NOTE_BYTES_MAX, type Guideline, type Taxonomy } from "./api";
import { h } from "./dom";
import { isNotice, lacks, type Draft, type Lack } from "./draft";
import { isPickable, momentPicker } from "./moments";
import type { Words } from "./words";

/** How much room is left is only said when there is little. */
const TELL_BELOW_BYTES = 1_000;
const SAID_MS = 2_000;
const STEPS = 3;

/** What a step sees, and can do. */
export interface Stage {
  words: Words;
  draft: Draft;
  taxonomy: Taxonomy;
  video: Element | null;
  hasFewViewers: boolean;
  /** Aborted when the step is left. */
  left: AbortSignal;
  go(step: Step): void;
  send(): void;
}

/** Where a lack is told, and which field it is of. */
type Errors = Map<Lack, { field: HTMLElement; show: (isWrong: boolean) => void }>;

export type Step = "topic" | "guideline" | "details";

/** What a step shows, under which title, and where it is among the steps. */
export interface View {
  title: Node | string;
  place?: string;
  back?: Step;
  body: Node[];
}

export function viewOf(step: Step, stage: Stage): View {
  switch (step) {
    case "topic":
      return topicView(stage);
    case "guideline":
      return guidelineView(stage);
    case "details":
      return detailsView(stage);
  }
}

function topicView({ words, draft, taxonomy, go }: Stage): View {
  const choose = (index: number) => {
    draft.topic = taxonomy.topics[index]!;
    go("guideline");
  };
  const labels = taxonomy.topics.map((topic) => [text(topic.label, topic.label_language)]);
  return {
    title: words.topicTitle,
    place: words.step(1, STEPS),
    body: [h("p", { class: "hint" }, taxonomy.before.always[0]), choices(labels, choose)],
  };
}

function guidelineView({ words, draft, go }: Stage): View {
  const topic = draft.topic!;
  const labels = topic.guidelines.map((each) => [
    h("strong", {}, text(each.label, each.label_language)),
    h("span", { class: "hint" }, text(each.text, each.text_language)),
  ]);
  const choose = (index: number) => {
    draft.guideline = topic.guidelines[index]!;
    go("details");
  };
  return {
    title: text(topic.label, topic.label_language),
    place: words.step(2, STEPS),
    back: "topic",
    body: [choices(labels, choose)],
  };
}

function detailsView(stage: Stage): View {
  const { words, draft, taxonomy, video } = stage;
  const guideline = draft.guideline!;
  const errors: Errors = new Map();
  const submit = (event: Event) => {
    event.preventDefault();
    const found = lacks(draft);
    for (const [lack, { show }] of errors) show(found.includes(lack));
    const first = found[0] && errors.get(found[0]);
    if (first) first.field.focus();
    else stage.send();
  };
  const before = h("ul");
  const showBefore = () =>
    before.replaceChildren(
      ...[
        ...taxonomy.before.always,
        ...(isNotice(draft) ? taxonomy.before.notice : []),
        ...(guideline.affected_person_only ? taxonomy.before.affected_person_only : []),
      ].map((each) => h("li", {}, each)),
    );
  showBefore();
  return {
    title: text(guideline.label, guideline.label_language),
    place: words.step(3, STEPS),
    back: "guideline",
    body: [
      h(
        "form",
        { novalidate: true, submit },
        about(guideline, words),
        isPickable(video) && momentPicker(video, draft.moments, words, stage.left),
        noteField(stage, errors),
        guideline.illegal_notice && noticeFields(stage, errors, showBefore),
        stage.hasFewViewers && fewViewers(stage),
        // The last thing before the button, so that nobody sends without having come past it.
        h("section", { class: "before" }, h("h3", {}, words.before), before),
        h("button", { part: "primary", class: "primary" }, words.send),
      ),
    ],
  };
}

function about(guideline: Guideline, words: Words): HTMLElement {
  const { text: says, text_language, examples, examples_language } = guideline;
  return h(
    "section",
    { class: "about" },
    h("p", {}, text(says, text_language)),
    examples.length > 0 && h("p", { class: "hint" }, words.examples),
    examples.length > 0 &&
      h("ul", { class: "hint" }, ...examples.map((each) => h("li", {}, text(each, examples_language)))),
  );
}

function noteField({ words, draft }: Stage, errors: Errors): HTMLElement {
  const room = h("p", { class: "error", id: "note-error", role: "status" });
  const field = h("textarea", {
    id: "note",
    rows: 3,
    dir: "auto",
    "aria-describedby": "note-hint note-error",
    input: () => {
      draft.note = field.value;
      show();
    },
  });
  field.value = draft.note;
  function show(): void {
    const left = NOTE_BYTES_MAX - bytesOf(draft.note);
    const isTold = left < TELL_BELOW_BYTES;
    room.textContent = !isTold ? "" : left < 0 ? words.tooLong(-left) : words.left(left);
    field.setAttribute("aria-invalid", String(left < 0));
  }
  show();
  errors.set("note", { field, show });
  return h(
    "div",
    { part: "field", class: "field" },
    h("label", { for: "note" }, words.note),
    field,
    h("p", { class: "hint", id: "note-hint" }, words.noteHint),
    room,
  );
}

function noticeFields(stage: Stage, errors: Errors, changed: () => void): HTMLElement {
  const { words, draft } = stage;
  const lawError = h("p", { class: "error", id: "law-error" });
  const law = h("input", {
    id: "law",
    dir: "auto",
    value: draft.law,
    "aria-describedby": "law-hint law-error",
    required: true,
    input: () => (draft.law = law.value),
  });
  const faithError = h("p", { class: "error", id: "faith-error" });
  const faith = tick(words.goodFaith, draft.isInGoodFaith, (isOn) => (draft.isInGoodFaith = isOn));
  faith.box.setAttribute("aria-describedby", "faith-error");
  faith.box.required = true;
  const more = h(
    "div",
    { class: "stack", hidden: !draft.isNotice },
    h(
      "div",
      { part: "field", class: "field" },
      h("label", { for: "law" }, words.law),
      law,
      h("p", { class: "hint", id: "law-hint" }, words.lawHint),
      lawError,
    ),
    faith.label,
    faithError,
  );
  const illegal = tick(words.isIllegal, draft.isNotice, (isOn) => {
    draft.isNotice = isOn;
    more.hidden = !isOn;
    changed();
  });
  errors.set("law", { field: law, show: saying(law, lawError, words.lawMissing) });
  errors.set("goodFaith", {
    field: faith.box,
    show: saying(faith.box, faithError, words.goodFaithMissing),
  });
  return h("div", { class: "stack" }, illegal.label, more);
}

function saying(field: HTMLElement, error: HTMLElement, says: string): (isWrong: boolean) => void {
  return (isWrong) => {
    field.setAttribute("aria-invalid", String(isWrong));
    error.textContent = isWrong ? says : "";
  };
}

function fewViewers({ words, draft }: Stage): HTMLElement {
  const anyway = tick(words.actAnyway, draft.mayBeGuessed, (isOn) => (draft.mayBeGuessed = isOn));
  return h(
    "section",
    { part: "warning", class: "warning stack" },
    h("p", {}, words.fewViewers),
    anyway.label,
  );
}

/** The thanks, and the receipt. */
export function sentView(words: Words, receipt: string, close: () => void): View {
  const shown = h("code", { part: "receipt", class: "receipt", dir: "ltr", tabindex: 0 }, receipt);
  const copy = h("button", { type: "button", part: "button" }, words.copy);
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(receipt);
      copy.textContent = words.copied;
      setTimeout(() => (copy.textContent = words.copy), SAID_MS);
    } catch {
      getSelection()?.selectAllChildren(shown); // the page may not let anybody write there
    }
  });
  return {
    title: words.thanks,
    body: [
      h("p", {}, words.received),
      h("h3", { id: "receipt" }, words.receipt),
      h("div", { class: "row" }, shown, copy),
      h("p", { class: "hint" }, words.receiptHint),
      h("p", {}, words.noHarm),
      h("button", { type: "button", part: "primary", class: "primary", click: close }, words.done),
    ],
  };
}

/** A list to choose one of; arrow keys go through it, too. */
function choices(labels: Node[][], choose: (index: number) => void): HTMLElement {
  const buttons = labels.map((label, index) =>
    h("button", { type: "button", part: "choice", class: "choice", click: () => choose(index) }, ...label),
  );
  const keydown = (event: Event) => {
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[(event as KeyboardEvent).key];
    if (to === undefined) return;
    event.preventDefault();
    buttons.at(to % buttons.length)?.focus();
  };
  return h("ul", { class: "choices", keydown }, ...buttons.map((button) => h("li", {}, button)));
}

function tick(label: string, isOn: boolean, change: (isOn: boolean) => void) {
  const box = h("input", { type: "checkbox", change: () => change(box.checked) });
  box.checked = isOn;
  return { box, label: h("label", { part: "field", class: "tick" }, box, h("span", {}, label)) };
}

function text(says: string, language: string): HTMLElement {
  return h("bdi", { lang: language }, says);
}
