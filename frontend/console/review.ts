/** The review page: its player with the timeline, and how long the case is still one's own. */

import { openLines } from "./lines";
import { openPlayer } from "./player";
import { openTimeline } from "./timeline";

const SECOND_MS = 1_000;
const SOON_S = 60;

/** Bring the case of the page to life, if there is one. */
export function openReview(): void {
  const player = openPlayer();
  if (player) {
    openTimeline(player);
    openLines(player);
  }
}

/** Count down how long the case of the page is still one's own. */
export function watchLease(): void {
  setInterval(countDown, SECOND_MS);
}

/** By how much this clock is ahead of the server's, told by each answer once. */
const ahead = new WeakMap<HTMLElement, number>();

function countDown(): void {
  const lease = document.getElementById("lease");
  const { until, now } = lease?.dataset ?? {};
  if (!lease || !until || !now) return;
  const skew = ahead.get(lease) ?? Date.now() - Date.parse(now);
  ahead.set(lease, skew);
  const left = Math.ceil((Date.parse(until) - Date.now() + skew) / SECOND_MS);
  const line = lease.querySelector(".countdown");
  if (line) line.textContent = ` · ${Math.floor(Math.max(0, left) / 60)}:${String(Math.max(0, left) % 60).padStart(2, "0")} left`;
  lease.classList.toggle("is-soon", left < SOON_S);
  if (left === 0) lease.dispatchEvent(new Event("check")); // the server says whether it is lost
}
