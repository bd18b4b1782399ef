/** One timeline of all that anybody points to: a lane each, made of the table of marks. */

import { clock, type Player } from "./player";

interface Mark {
  lane: string;
  laneName: string;
  start: number;
  end: number;
  label: string;
  button: HTMLButtonElement;
}

/** Marks that begin within that many seconds of each other are one stop. */
const SAME_S = 0.05;

/** Draw the timeline, and let links, marks and keys move along it. */
export function openTimeline(player: Player): void {
  const { box, video } = player;
  const timeline = box.querySelector<HTMLElement>("[data-timeline]");
  const position = timeline?.querySelector<HTMLInputElement>("[data-position]");
  if (!timeline || !position) return;
  const marks = readMarks(box);
  const told = addLine(timeline, "p", "told");
  told.ariaLive = "polite";
  drawLanes(timeline, marks);
  const go = (seconds: number): void => {
    player.seek(seconds);
    move(seconds);
  };
  const move = (at = video.currentTime): void => {
    const length = lengthOf(video, marks);
    timeline.style.setProperty("--at", String(at / length));
    position.value = String(at);
    position.ariaValueText = clock(at);
    for (const { button, start, end } of marks) {
      button.ariaCurrent = at >= start - SAME_S && at < Math.max(end, start + SAME_S) ? "true" : null;
    }
  };
  const layOut = (): void => {
    const length = lengthOf(video, marks);
    position.max = String(length);
    for (const { button, start, end } of marks) {
      button.style.setProperty("--start", String(start / length));
      button.style.setProperty("--span", String((end - start) / length));
    }
    move();
  };
  const stop = (mark: Mark): void => {
    go(mark.start);
    const here = marks.filter(({ start }) => Math.abs(start - mark.start) < SAME_S);
    told.textContent = `${clock(mark.start)}: ${here.map(({ label }) => label).join("; ")}`;
  };
  for (const mark of marks) mark.button.addEventListener("click", () => stop(mark));
  // Once asked for, it is where we are, though the video may still be on its way there.
  let wanted: number | null = null;
  const jump = (next: boolean) => () => {
    const at = wanted ?? video.currentTime;
    const to = next
      ? marks.find(({ start }) => start > at + SAME_S)
      : marks.findLast(({ start }) => start < at - SAME_S);
    if (!to) return;
    wanted = to.start;
    stop(to);
  };
  video.addEventListener("seeked", () => (wanted = null));
  box.querySelector('[data-do="next"]')?.addEventListener("click", jump(true));
  box.querySelector('[data-do="previous"]')?.addEventListener("click", jump(false));
  position.addEventListener("input", () => go(position.valueAsNumber));
  for (const name of ["timeupdate", "seeking"]) video.addEventListener(name, () => move());
  for (const name of ["loadedmetadata", "durationchange", "error"]) video.addEventListener(name, layOut);
  followLinks(player, go);
  timeline.hidden = false;
  box.querySelector<HTMLDetailsElement>(".marks")?.removeAttribute("open"); // it says the same
  layOut();
}

function readMarks(box: HTMLElement): Mark[] {
  return [...box.querySelectorAll<HTMLTableRowElement>("[data-mark]")].map((row) => {
    const { mark = "", laneName = "", start = "0", end = "0" } = row.dataset;
    const label = row.cells[2]?.textContent.trim() ?? "";
    const from = Number(start) / 1000;
    const button = document.createElement("button");
    button.type = "button";
    button.className = `mark is-${mark}`;
    button.textContent = label;
    button.title = button.ariaLabel = `${laneName}, ${clock(from)}: ${label}`;
    return { lane: mark, laneName, start: from, end: Number(end) / 1000, label, button };
  });
}

function drawLanes(timeline: HTMLElement, marks: Mark[]): void {
  for (const lane of new Set(marks.map((mark) => mark.lane))) {
    const own = marks.filter((mark) => mark.lane === lane);
    const line = addLine(timeline, "div", "lane");
    addLine(line, "span", "lane-name").textContent = own[0]?.laneName ?? "";
    const track = addLine(line, "div", "track");
    const rows = inRows(own);
    track.style.setProperty("--rows", String(rows.length));
    rows.forEach((row, index) =>
      row.forEach(({ button }) => {
        button.style.setProperty("--row", String(index));
        track.append(button);
      }),
    );
  }
}

/** Marks that overlap stand below each other. */
function inRows(marks: Mark[]): Mark[][] {
  const rows: Mark[][] = [];
  for (const mark of marks) {
    const free = rows.find((row) => (row.at(-1)?.end ?? 0) <= mark.start);
    if (free) free.push(mark);
    else rows.push([mark]);
  }
  return rows;
}

/** How long the video is; while nobody knows, as long as what is marked. */
function lengthOf(video: HTMLVideoElement, marks: Mark[]): number {
  if (Number.isFinite(video.duration) && video.duration > 0) return video.duration;
  return Math.max(1, ...marks.map(({ end }) => end));
}

function followLinks({ box }: Player, go: (seconds: number) => void): void {
  box.closest("main")?.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLElement>("[data-seek]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    go(Number(link.dataset["seek"]) / 1000);
    box.scrollIntoView({ block: "nearest" });
  });
}

function addLine(parent: HTMLElement, tag: string, className: string): HTMLElement {
  const line = document.createElement(tag);
  line.className = className;
  parent.append(line);
  return line;
}
