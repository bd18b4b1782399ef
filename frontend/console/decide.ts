/** Deciding by keyboard: the focus goes along from step to step, and undo counts down. */

const STEP = "decide-tree";

/** Watch the decision form, wherever it is put into the page. */
export function watchDecisions(): void {
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    if ((target as Element).id === STEP) follow();
  });
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("[data-add-second]")) addSecond();
  });
  document.addEventListener("toggle", openPassing, true);
  setInterval(countDown, 1000);
  countDown();
}

/** Put the focus into a step that has just come, if the last one took it away. */
function follow(): void {
  offerSecond();
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  document.querySelector<HTMLElement>(`#${STEP} [data-focus]`)?.focus();
}

function player(): HTMLVideoElement | null {
  return document.querySelector<HTMLVideoElement>("[data-player] video");
}

/** Show the button that adds the second of the player, where there is one. */
export function offerSecond(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-add-second]")) {
    button.hidden = player() === null;
  }
}

/** Add the second that the player is at to those that the statement points to. */
function addSecond(): void {
  const field = document.querySelector<HTMLInputElement>("#moment");
  const at = player()?.currentTime;
  if (!field || at === undefined) return;
  field.value = `${clock(at)}-${clock(at + 1)}`;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** What is unfolded to write into has the focus. */
function openPassing({ target }: Event): void {
  if (!(target instanceof HTMLDetailsElement) || !target.open || !target.closest(".decide")) return;
  target.querySelector<HTMLElement>("form textarea")?.focus();
}

const ends = new WeakMap<Element, number>();

function countDown(): void {
  for (const notice of document.querySelectorAll<HTMLElement>("[data-seconds]")) {
    const end = ends.get(notice) ?? performance.now() + Number(notice.dataset["seconds"]) * 1000;
    ends.set(notice, end);
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left <= 0) notice.remove();
    else notice.querySelector("[data-countdown]")!.textContent = `${left} s`;
  }
}
