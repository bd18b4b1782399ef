/**
 * Seconds of the playing video, picked inside the dialog.
 *
 * What lies behind a modal dialog cannot be touched, so the video is shown in it a second time, as
 * a picture that follows it, with a slider and buttons of its own. When the dialog closes, the
 * video is where it was.
 */

import { MOMENTS_MAX, type Moment } from "./api";
import { h } from "./dom";
import type { Words } from "./words";

/** No moment ends later: the API's limit. */
const MOMENT_MS_MAX = 6 * 60 * 60 * 1_000;
const SECOND_MS = 1_000;

/** Whether seconds of this element can be picked now. */
export function isPickable(video: Element | null): video is HTMLVideoElement {
  return video instanceof HTMLVideoElement && Number.isFinite(video.duration) && video.duration > 0;
}

/** Stop the video, and return what lets it go on from where it was. */
export function holdStill(video: HTMLVideoElement): () => void {
  const { currentTime, paused } = video;
  video.pause();
  return () => {
    video.currentTime = currentTime;
    if (paused) video.pause();
    else void video.play().catch(() => undefined); // the browser may not let it
  };
}

/** Write a moment as people read it. */
export function written({ start_ms, end_ms }: Moment): string {
  return `${clock(start_ms)}–${clock(end_ms)}`;
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / SECOND_MS);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The moment from one place of the video to another; a second at least, and inside the video. */
export function momentOf(one_ms: number, other_ms: number, duration_ms: number): Moment {
  const end_max = Math.min(Math.max(Math.floor(duration_ms), 1), MOMENT_MS_MAX);
  const start_ms = Math.max(0, Math.min(one_ms, other_ms, end_max - SECOND_MS));
  const end_ms = Math.min(end_max, Math.max(one_ms, other_ms, start_ms + SECOND_MS));
  return { start_ms, end_ms };
}

/** The part of the form in which moments are picked; it keeps `moments` sorted and single. */
export function momentPicker(
  video: HTMLVideoElement,
  moments: Moment[],
  words: Words,
  stopped: AbortSignal,
): HTMLElement {
  let start_ms: number | null = null;
  const now_ms = () => Math.round(video.currentTime * SECOND_MS);
  const duration_ms = () => video.duration * SECOND_MS;

  const picture = h("canvas", { part: "picture", "aria-hidden": "true" });
  const time = h("output", { class: "time", dir: "ltr" });
  const slider = h("input", {
    type: "range",
    min: 0,
    max: video.duration,
    step: 0.1,
    dir: "ltr",
    "aria-label": words.position,
    input: () => (video.currentTime = slider.valueAsNumber),
  });
  const play = button(() => void (video.paused ? video.play() : video.pause()));
  const second = button(() => {
    const whole_ms = Math.floor(now_ms() / SECOND_MS) * SECOND_MS;
    add(momentOf(whole_ms, whole_ms, duration_ms()));
  }, words.addSecond);
  const stretch = button(() => {
    if (start_ms === null) {
      start_ms = now_ms();
    } else {
      add(momentOf(start_ms, now_ms(), duration_ms()));
      start_ms = null;
    }
    showButtons();
  });
  const list = h("ul", { class: "moments" });
  const said = h("p", { role: "status", class: "hint" });

  function add(moment: Moment): void {
    if (!moments.some((each) => written(each) === written(moment))) {
      moments.push(moment);
      moments.sort((one, other) => one.start_ms - other.start_ms || one.end_ms - other.end_ms);
    }
    said.textContent = words.added(written(moment));
    showMoments();
  }

  function remove(moment: Moment): void {
    moments.splice(moments.indexOf(moment), 1);
    showMoments();
    said.textContent = words.removed(written(moment));
    second.focus();
  }

  function showMoments(): void {
    list.replaceChildren(
      ...moments.map((moment) => {
        const text = written(moment);
        const gone = button(() => remove(moment), "×");
        gone.className = "remove";
        gone.setAttribute("aria-label", words.remove(text));
        return h("li", { part: "moment" }, h("bdi", { dir: "ltr" }, text), gone);
      }),
    );
    const isFull = moments.length >= MOMENTS_MAX;
    second.disabled = stretch.disabled = isFull;
    if (isFull) said.textContent = words.momentsFull;
  }

  function showButtons(): void {
    play.textContent = video.paused ? words.play : words.pause;
    stretch.textContent = start_ms === null ? words.startHere : words.endHere(clock(start_ms));
  }

  function showPlace(): void {
    slider.valueAsNumber = video.currentTime;
    slider.setAttribute("aria-valuetext", clock(now_ms()));
    time.textContent = `${clock(now_ms())} / ${clock(duration_ms())}`;
    picture.width = video.videoWidth;
    picture.height = video.videoHeight;
    picture.getContext("2d")?.drawImage(video, 0, 0);
  }

  for (const name of ["timeupdate", "seeked", "loadeddata"]) {
    video.addEventListener(name, showPlace, { signal: stopped });
  }
  for (const name of ["play", "pause"]) {
    video.addEventListener(name, showButtons, { signal: stopped });
  }
  const follow = () => {
    if (stopped.aborted) return;
    if (!video.paused) showPlace();
    requestAnimationFrame(follow);
  };
  follow();
  showPlace();
  showButtons();
  showMoments();
  return h(
    "fieldset",
    { part: "field", class: "seconds" },
    h("legend", {}, words.whenTitle),
    h("p", { class: "hint" }, words.whenHint),
    picture,
    h("div", { class: "row" }, slider, time),
    h("div", { class: "row" }, play, second, stretch),
    list,
    said,
  );
}

function button(click: () => void, label = ""): HTMLButtonElement {
  return h("button", { type: "button", part: "button", click }, label);
}
