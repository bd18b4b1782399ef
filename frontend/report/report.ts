/**
 * `<underseal-report>`: a button, and a dialog in which somebody reports what a ticket is for.
 *
 * Attributes: `endpoint`, `ticket`, `lang`, `video` (selects the `<video>` whose seconds can be
 * marked), `few-viewers`. Events: `underseal-reported`, which says nothing of the report, and
 * `underseal-ticket-expired`, whereupon the page sets a new `ticket` and things go on.
 * docs/guides/report-dialog.md
 */

import { ProblemError, readTaxonomy, sendReport, subjectOf, type Taxonomy } from "./api";
import { h } from "./dom";
import { emptyDraft, reportOf } from "./draft";
import { holdStill } from "./moments";
import style from "./report.css";
import { sentView, viewOf, type Step, type View } from "./steps";
import { wordsFor, type Words } from "./words";

const sheet = new CSSStyleSheet();
sheet.replaceSync(style);

export class UndersealReport extends HTMLElement {
  static readonly observedAttributes = ["lang", "ticket"];

  readonly #label = h("slot");
  readonly #frame = h("div", { class: "frame" });
  readonly #dialog = h(
    "dialog",
    { part: "dialog", "aria-labelledby": "title", close: () => this.#closed() },
    this.#frame,
  );
  readonly #alert = h("p", { role: "alert", part: "alert", class: "alert", hidden: true });

  #subject = "";
  #step: Step = "topic";
  #draft = emptyDraft();
  #taxonomy: Taxonomy | null = null;
  #isSent = false;
  #isBusy = false;
  /** What failed for want of a ticket, and goes on with a new one. */
  #waiting: (() => Promise<void>) | null = null;
  #leave = new AbortController();
  #release: (() => void) | null = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [sheet];
    const trigger = h(
      "button",
      { type: "button", part: "trigger", "aria-haspopup": "dialog", click: () => this.open() },
      this.#label,
    );
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) this.#dialog.close(); // beside the frame
    });
    root.append(trigger, this.#dialog);
  }

  connectedCallback(): void {
    this.#label.textContent = this.#words.report;
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now) return;
    if (name === "lang") this.#translate();
    else this.#useTicket();
  }

  /** Open the dialog; what was typed before it was closed is still there. */
  open(): void {
    if (this.#dialog.open) return;
    const video = this.#video;
    this.#release = video instanceof HTMLVideoElement ? holdStill(video) : null;
    this.#dialog.showModal();
    if (this.#taxonomy) this.#show();
    else void this.#load();
  }

  get #words(): Words {
    return wordsFor(this.#language);
  }

  get #language(): string {
    return this.closest<HTMLElement>("[lang]")?.lang || navigator.language;
  }

  get #video(): Element | null {
    const selector = this.getAttribute("video");
    return selector ? (this.getRootNode() as ParentNode).querySelector(selector) : null;
  }

  get #access() {
    const ticket = this.getAttribute("ticket") ?? "";
    if (!ticket) throw new ProblemError("ticket");
    return { endpoint: this.getAttribute("endpoint") ?? "", ticket };
  }

  #translate(): void {
    this.#label.textContent = this.#words.report;
    this.#taxonomy = null;
    if (this.#dialog.open && !this.#isSent) void this.#load();
  }

  /** Go on with a new ticket; if it is for something else, begin again. */
  #useTicket(): void {
    const subject = JSON.stringify(subjectOf(this.getAttribute("ticket") ?? ""));
    if (subject !== this.#subject && subject !== "null") {
      if (this.#subject) this.#reset();
      this.#subject = subject;
    }
    const waiting = this.#waiting;
    if (waiting) void this.#try(waiting, true);
  }

  #reset(): void {
    this.#dialog.close();
    this.#draft = emptyDraft();
    this.#taxonomy = null;
    this.#waiting = null;
    this.#step = "topic";
    this.#isSent = false;
  }

  async #load(): Promise<void> {
    const { loading, again } = this.#words;
    const retry = h("button", { type: "button", part: "button", click: () => void this.#load() }, again);
    this.#render({ title: this.#words.report, body: [h("p", { class: "hint" }, loading)] });
    await this.#try(async () => {
      const access = this.#access;
      const subject = this.#subject;
      const kind = subjectOf(access.ticket)?.kind ?? "";
      const taxonomy = await readTaxonomy(access, kind, this.#language);
      if (subject !== this.#subject) return;
      this.#taxonomy = taxonomy;
      this.#chooseAgain(taxonomy);
      this.#show();
    });
    if (!this.#taxonomy) this.#render({ title: this.#words.report, body: [retry] }, false);
  }

  /** Find what was chosen in taxonomy of another language; begin again where it is not there. */
  #chooseAgain({ topics }: Taxonomy): void {
    const { topic, guideline } = this.#draft;
    const found = topics.find(({ id }) => id === topic?.id) ?? null;
    this.#draft.topic = found;
    this.#draft.guideline = found?.guidelines.find(({ id }) => id === guideline?.id) ?? null;
    if (!found) this.#step = "topic";
    else if (this.#step === "details" && !this.#draft.guideline) this.#step = "guideline";
  }

  #show(): void {
    if (!this.#taxonomy || !this.#dialog.open) return;
    this.#leave.abort();
    this.#leave = new AbortController();
    const view = viewOf(this.#step, {
      words: this.#words,
      draft: this.#draft,
      taxonomy: this.#taxonomy,
      video: this.#video,
      hasFewViewers: this.hasAttribute("few-viewers"),
      left: this.#leave.signal,
      go: (step) => this.#go(step),
      send: () => void this.#send(),
    });
    this.#render(view);
  }

  #go(step: Step): void {
    this.#step = step;
    this.#show();
  }

  async #send(): Promise<void> {
    const { guideline } = this.#draft;
    if (!guideline) return;
    const report = reportOf(this.#draft, guideline);
    await this.#try(async () => {
      const subject = this.#subject;
      const receipt = await sendReport(this.#access, report);
      this.#tell("underseal-reported");
      if (subject !== this.#subject) return;
      this.#leave.abort();
      this.#isSent = true;
      this.#render(sentView(this.#words, receipt, () => this.#dialog.close()));
    });
  }

  /** Do something once at a time, and say what went wrong without losing what was typed. */
  async #try(action: () => Promise<void>, isSecondTime = false): Promise<void> {
    if (this.#isBusy) return;
    this.#waiting = null;
    this.#setBusy(true);
    let needsTicket = false;
    try {
      this.#warn("");
      await action();
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { problem, detail } = error;
      this.#warn([this.#words.problem[problem], detail].join(" "));
      needsTicket = problem === "ticket" && !isSecondTime;
    } finally {
      this.#setBusy(false);
    }
    if (!needsTicket) return;
    this.#waiting = action;
    this.#tell("underseal-ticket-expired");
  }

  #setBusy(isBusy: boolean): void {
    this.#isBusy = isBusy;
    this.#frame.ariaBusy = String(isBusy);
    const send = this.#frame.querySelector<HTMLButtonElement>("form .primary");
    if (!send) return;
    send.ariaDisabled = String(isBusy);
    send.textContent = isBusy ? this.#words.sending : this.#words.send;
  }

  #warn(text: string): void {
    this.#alert.textContent = text.trim();
    this.#alert.hidden = !text;
    // What is told takes room from what was pressed.
    this.shadowRoot?.activeElement?.scrollIntoView({ block: "nearest" });
  }

  #tell(event: string): void {
    this.dispatchEvent(new CustomEvent(event, { bubbles: true, composed: true }));
  }

  #render({ title, place, back, body }: View, isNew = true): void {
    const words = this.#words;
    this.#dialog.lang = words.language;
    this.#dialog.dir = words.dir;
    if (isNew) this.#warn("");
    const heading = h("h2", { id: "title", part: "title", tabindex: -1 }, title);
    this.#frame.replaceChildren(
      h(
        "header",
        {},
        back && this.#icon("back", words.back, "‹", () => this.#go(back)),
        h("div", { class: "grow" }, place && h("p", { class: "hint" }, place), heading),
        this.#icon("close", words.close, "×", () => this.#dialog.close()),
      ),
      h("div", { class: "body" }, ...body),
      this.#alert,
    );
    heading.focus();
  }

  #icon(name: string, label: string, shown: string, click: () => void): HTMLButtonElement {
    const named = { type: "button", part: name, class: `icon ${name}`, "aria-label": label };
    return h("button", { ...named, click }, shown);
  }

  #closed(): void {
    this.#leave.abort();
    this.#release?.();
    this.#release = null;
    if (this.#isSent) this.#reset();
  }
}

customElements.define("underseal-report", UndersealReport);
