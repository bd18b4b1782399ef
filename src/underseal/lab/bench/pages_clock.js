// Runs first in every page that is measured, and takes the times where they pass.
//
// `underseal.ready` resolves with what the page took, in milliseconds since the navigation to it:
// - `decidable_ms`: everything of the document is there and painted, and its script has run, so that
//   a key does something;
// - `ready_ms`: as well as that, all it refers to has arrived, the timeline is laid out, the first
//   frame of the video has been shown, and the browser has painted once more.
// `since_key_ms` is how long ago the last Enter was pressed when the navigation began, if any was.

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
  addEventListener(
    "keydown",
    ({ key, timeStamp }) => {
      if (key === "Enter") sessionStorage.setItem(KEY, String(performance.timeOrigin + timeStamp));
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

  async function measure() {
    const loaded = when(window, "load");
    await when(document, "DOMContentLoaded");
    const video = document.querySelector("video");
    const frame = video ? shown(video) : Promise.resolve(0);
    const [first, frameAt] = await Promise.all([painted, frame, loaded]);
    if (document.querySelector("[data-timeline][hidden]")) throw new Error("there is no timeline");
    const end = await nextPaint();
    const [navigation] = performance.getEntriesByType("navigation");
    const key = Number(sessionStorage.getItem(KEY));
    sessionStorage.removeItem(KEY);
    return {
      address: location.pathname,
      can_decide: document.querySelector("#decide-form") !== null,
      has_video: video !== null,
      answered_ms: navigation.responseEnd,
      decidable_ms: Math.max(first, navigation.domContentLoadedEventEnd),
      frame_ms: frameAt,
      ready_ms: Math.max(end, first, frameAt),
      since_key_ms: key ? performance.timeOrigin - key : null,
    };
  }

  window.underseal = { ready: measure() };
})();
