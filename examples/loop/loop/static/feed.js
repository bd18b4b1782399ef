// The feed: plays what is seen, and nothing else; keys, mute, and views.

import { report } from "./report.js";

const QUALIFIES_S = 2; // As `loop.watching` says: so long makes a view.

const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const videos = [...document.querySelectorAll("video[data-video]")];
let current = null;
let muted = sessionStorage.getItem("muted") !== "no";

// Mute: one choice for all videos, kept until the window closes.

function setMuted(value) {
  muted = value;
  sessionStorage.setItem("muted", muted ? "yes" : "no");
  for (const video of videos) video.muted = muted;
  for (const button of document.querySelectorAll("[data-mute]")) {
    button.setAttribute("aria-pressed", String(muted));
  }
}

// Views: seconds that were really played, told once for each video and page.

function countView(video) {
  let played = 0;
  let last = null;
  video.addEventListener("timeupdate", () => {
    const now = performance.now();
    if (!video.paused && last !== null) played += Math.min((now - last) / 1000, 1);
    last = video.paused ? null : now;
    if (played < QUALIFIES_S || "told" in video.dataset) return;
    video.dataset.told = "";
    fetch(`/v/${video.dataset.video}/watched`, { method: "POST", keepalive: true });
  });
}

async function play(video) {
  try {
    await video.play();
  } catch (problem) {
    // Browsers refuse sound before the first click: then it starts without.
    if (problem.name !== "NotAllowedError" || muted) return;
    setMuted(true);
    await video.play().catch(() => {});
  }
}

function togglePause(video) {
  if (video.paused) play(video);
  else video.pause();
  video.parentElement.classList.toggle("is-paused", video.paused);
}

for (const video of videos) {
  video.muted = muted;
  countView(video);
  // Whoever wants less motion keeps the player's own buttons, and nothing starts by itself.
  if (calm) continue;
  video.controls = false;
  video.addEventListener("click", () => togglePause(video));
  video.addEventListener("play", () => video.parentElement.classList.remove("is-paused"));
}
setMuted(muted);

const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const video = target.querySelector("video[data-video]");
      if (!isIntersecting) {
        video?.pause();
      } else {
        current = target;
        if (video && !calm) play(video);
      }
    }
  },
  { threshold: 0.6 },
);
for (const clip of document.querySelectorAll(".clip")) seen.observe(clip);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-mute]")) setMuted(!muted);
});

// Keys, for whoever is not writing or in a dialog.

function move(step) {
  const clips = [...document.querySelectorAll(".clip")];
  const next = clips[clips.indexOf(current) + step];
  next?.scrollIntoView({ behavior: calm ? "instant" : "smooth", block: "start" });
}

document.addEventListener("keydown", (event) => {
  const isElsewhere = event.target.closest("input, textarea, select, dialog, underseal-report");
  if (isElsewhere || event.ctrlKey || event.metaKey || event.altKey) return;
  const video = current?.querySelector("video[data-video]");
  const isButton = event.target.closest("a, button, summary");
  switch (event.key) {
    case "ArrowDown":
    case "j":
      if (videos.length < 2) return;
      move(1);
      break;
    case "ArrowUp":
    case "k":
      if (videos.length < 2) return;
      move(-1);
      break;
    case " ":
      if (!video || isButton) return;
      togglePause(video);
      break;
    case "m":
      setMuted(!muted);
      break;
    case "r":
      if (current?.querySelector("underseal-report")) report(current.querySelector("underseal-report"));
      break;
    default:
      return;
  }
  event.preventDefault();
});
