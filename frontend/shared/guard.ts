/**
 * A double click sends a form once: the second submission of a form that is on its way stops.
 * Without a connection none is sent: the browser would show its own page, and forget what was typed.
 */

const WITHOUT_EFFECT = new Set(["get", "dialog"]);
const onTheirWay = new Set<HTMLFormElement>();

/** Watch all forms of the page that the browser itself sends; `tellAway` says that it cannot. */
export function guardForms(tellAway: (form: HTMLFormElement) => void): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const method = event.submitter?.getAttribute("formmethod") ?? form.method;
    if (event.defaultPrevented || WITHOUT_EFFECT.has(method)) return;
    if (onTheirWay.has(form)) {
      event.preventDefault();
    } else if (!navigator.onLine) {
      event.preventDefault();
      tellAway(form);
    } else {
      onTheirWay.add(form);
      form.ariaBusy = "true";
    }
  });
  window.addEventListener("pageshow", () => {
    for (const form of onTheirWay) form.ariaBusy = null;
    onTheirWay.clear();
  });
}
