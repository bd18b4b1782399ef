/** What is said and shown beside the player: the lines of this moment, and a way along them by keys. */

import type { Player } from "./player";

/** A line counts from that many seconds before it begins: a player lands a little beside. */
const SAME_S = 0.05;

/** Let every list of lines follow the player. */
export function openLines({ video }: Player): void {
  for (const list of document.querySelectorAll<HTMLElement>("[data-line-list]")) {
    const links = [...list.querySelectorAll<HTMLElement>("[data-seek]")];
    follow(video, list, links);
    moveByKeys(list, links);
  }
}

function follow(video: HTMLVideoElement, list: HTMLElement, links: HTMLElement[]): void {
  const lines = links.map((link) => {
    const { seek, end } = link.dataset;
    return { link, start: Number(seek) / 1000, end: Number(end) / 1000 };
  });
  const show = (): void => {
    const at = video.currentTime;
    const now = lines.filter(({ start, end }) => at >= start - SAME_S && at < end - SAME_S);
    for (const link of list.querySelectorAll("[aria-current]")) link.ariaCurrent = null;
    for (const { link } of now) link.ariaCurrent = "true";
    if (now[0] && !video.paused && !list.matches(":hover, :focus-within")) bringUp(list, now[0].link);
  };
  for (const name of ["timeupdate", "seeking", "loadedmetadata"]) video.addEventListener(name, show);
  show();
}

/** Scroll the list alone: the page stays where somebody looks. */
function bringUp(list: HTMLElement, link: HTMLElement): void {
  const above = link.offsetTop - list.scrollTop;
  if (above < 0 || above + link.offsetHeight > list.clientHeight) {
    list.scrollTop = link.offsetTop - list.clientHeight / 3;
  }
}

/** A list is one stop of the tab key; arrows move within it, Enter jumps. */
function moveByKeys(list: HTMLElement, links: HTMLElement[]): void {
  links.forEach((link, index) => (link.tabIndex = index === 0 ? 0 : -1));
  list.addEventListener("focusin", ({ target }) => {
    for (const link of list.querySelectorAll<HTMLElement>("[tabindex='0']")) link.tabIndex = -1;
    (target as HTMLElement).tabIndex = 0;
  });
  list.addEventListener("keydown", (event) => {
    const at = links.indexOf(event.target as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    links[to]?.focus();
  });
}
