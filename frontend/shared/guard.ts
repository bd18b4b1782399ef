/** A double click sends a form once: the second submission of a form that is on its way stops. */

const WITHOUT_EFFECT = new Set(["get", "dialog"]);
const onTheirWay = new Set<HTMLFormElement>();

/** Watch all forms of the page that the browser itself sends. */
export function guardForms(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const method = event.submitter?.getAttribute("formmethod") ?? form.method;
    if (event.defaultPrevented || WITHOUT_EFFECT.has(method)) return;
    if (onTheirWay.has(form)) {
      event.preventDefault();
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
