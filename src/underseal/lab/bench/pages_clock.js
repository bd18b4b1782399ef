// Runs first in every page that is measured, and takes the times where they pass.
//
// `underseal.ready` resolves with what the page took, in milliseconds since the navigation to it, or,
// if only its `main` was put in the place of another one, since the key that led to it:
// - `decidable_ms`: everything of the document is there and painted, and its script has run, so that
//   a key does something;
// - `ready_ms`: as well as that, all it refers to has arrived, the timeline is laid out, the first
//   frame of the video has been shown, and the browser has painted once more.
// `since_key_ms` is how long ago the last Enter was pressed when that began, if any was.

(() => {
  const KEY = "underseal-bench-enter";
  const when = (target, name) =>
    new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
  const painted = new Promise((resolve) => {
    new PerformanceObserver((list) => {
      const [first] = list.getEntriesByName("first-contentful-paint");
      if (first) resolve(first.startTime);
    }).observe({ type: "paint", buffered: true });
  });

  // In the page before: the time of the key itself, not of what handles it.
  let enter = 0;
  addEventListener(
    "keydown",
    ({ key, timeStamp }) => {
      if (key !== "Enter") return;
      enter = timeStamp;
      sessionStorage.setItem(KEY, String(performance.timeOrigin + timeStamp));
    },
    true,
  );

  function shown(video) {
    return new Promise((resolve, reject) => {
      video.addEventListener("error", () => reject(new Error("the video does not play")));
      video.requestVideoFrameCallback((now, { presentationTime, expectedDisplayTime }) =>
        resolve(Math.max(now, presentationTime, expectedDisplayTime)),
      );
    });
  }

  /** When the frame after this one is on its way to the screen. */
  const nextPaint = () =>
    new Promise((resolve) =>
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(null);
      }),
    );

  /** What a page shows, and when, on the clock of its document. */
  async function look(waitFor) {
    const video = document.querySelector("video");
    const frame = video ? shown(video) : Promise.resolve(0);
    const [frameAt, first] = await Promise.all([frame, ...waitFor]);
    if (document.querySelector("[data-timeline][hidden]")) throw new Error("there is no timeline");
    const end = await nextPaint();
    return {
      address: location.pathname,
      can_decide: document.querySelector("#decide-form") !== null,
      has_video: video !== null,
      first,
      frame: frameAt,
      ready: Math.max(end, first, frameAt),
    };
  }

  function since(began, { first, frame, ready, ...seen }, answered, decidable, sinceKey) {
    return {
      ...seen,
      answered_ms: answered - began,
      decidable_ms: decidable - began,
      frame_ms: frame - began,
      ready_ms: ready - began,
      since_key_ms: sinceKey,
    };
  }

  async function measurePage() {
    const loaded = when(window, "load");
    await when(document, "DOMContentLoaded");
    let main = document.querySelector("main");
    new MutationObserver(() => {
      if (document.querySelector("main") === main) return;
      main = document.querySelector("main");
      window.underseal.ready = measureMain();
    }).observe(document.body, { childList: true });
    const seen = await look([painted, loaded]);
    const [navigation] = performance.getEntriesByType("navigation");
    const key = Number(sessionStorage.getItem(KEY));
    sessionStorage.removeItem(KEY);
    const decidable = Math.max(seen.first, navigation.domContentLoadedEventEnd);
    const sinceKey = key ? performance.timeOrigin - key : null;
    return since(0, seen, navigation.responseEnd, decidable, sinceKey);
  }

  async function measureMain() {
    const answered = performance.now();
    const seen = await look([nextPaint()]);
    return since(enter, seen, answered, seen.first, 0);
  }

  window.underseal = { ready: measurePage() };
})();
