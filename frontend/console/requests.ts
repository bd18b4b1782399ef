/** Requests of htmx: each is sent once, and what goes wrong is told without losing a thing. */

import { hush, tell } from "./notices";

interface RequestDetail {
  elt: Element;
  target: Element | null;
  verb: string;
  requestConfig: { verb: string };
  successful: boolean;
  swapOverride: string;
  selectOverride: string;
}

const onTheirWay = new Set<Element>();

/** Watch all requests of the page. */
export function watchRequests(): void {
  // Comes before htmx would queue a second request behind the first. What has `hx-sync` changes
  // nothing, and says itself which of two requests counts.
  on("htmx:confirm", ({ elt, verb }, event) => {
    if (elt.hasAttribute("hx-sync")) return;
    if (verb !== "get" && onTheirWay.has(elt)) event.preventDefault();
  });
  on("htmx:beforeRequest", ({ elt, requestConfig }) => {
    if (requestConfig.verb === "get") return;
    onTheirWay.add(elt);
    elt.ariaBusy = "true";
  });
  on("htmx:beforeSwap", (detail) => {
    if (detail.target?.id !== "notices") return;
    detail.swapOverride = "innerHTML";
    detail.selectOverride = "unset";
  });
  on("htmx:afterRequest", ({ elt, requestConfig, successful }) => {
    onTheirWay.delete(elt);
    elt.ariaBusy = null;
    if (successful && requestConfig.verb !== "get") hush();
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    on(name, tellAway);
  }
}

/** Say that nothing came of a request. */
export function tellAway(): void {
  tell("bad", "There is no answer. What you typed is still here: try again.");
}

function on(name: string, then: (detail: RequestDetail, event: Event) => void): void {
  document.addEventListener(name, (event) =>
    then((event as CustomEvent<RequestDetail>).detail, event),
  );
}
