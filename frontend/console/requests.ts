/** Requests of htmx: each is sent once, and what goes wrong is told without losing a thing. */

import { hush, tell } from "./notices";

interface RequestDetail {
  elt: Element;
  target: Element | null;
  verb: string;
  requestConfig: { verb: string };
  xhr: XMLHttpRequest;
  successful: boolean;
  swapOverride: string;
  selectOverride: string;
}

const MAIN = "main";
const onTheirWay = new Set<Element>();

/** Watch all requests of the page; `openMain` brings to life what the next page is about. */
export function watchRequests(openMain: () => void): void {
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
    if (detail.target?.id === MAIN) detail.selectOverride = `#${MAIN}`;
    if (detail.target?.id !== "notices") return;
    detail.swapOverride = "innerHTML";
    detail.selectOverride = "unset";
  });
  document.addEventListener("htmx:afterSwap", ({ target }) => {
    if ((target as Element).id !== MAIN) return;
    hush();
    openMain();
    (target as HTMLElement).focus({ preventScroll: true });
  });
  // Who leads on to another page stays busy until that is here, or does not come.
  let leaving: Element | null = null;
  on("htmx:afterRequest", ({ elt, requestConfig, successful, xhr }) => {
    if (xhr.getResponseHeader("hx-location")) {
      leaving = elt;
      return;
    }
    for (const each of elt === document.body ? [leaving] : [elt]) {
      if (!each) continue;
      onTheirWay.delete(each);
      each.ariaBusy = null;
    }
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
