/**
 * What was typed into forms with `data-keep="a name of its own"` outlives a sign-out and a reload.
 *
 * It is kept in the tab (`sessionStorage`) for the person who typed it, until the form has been
 * taken. Such forms are sent by htmx: it alone learns whether they were. What can be undone
 * (`data-undo`) stays, so that it is there again then.
 */

interface Kept {
  who: string;
  typed: [name: string, value: string][];
}

interface Answered {
  requestConfig: { elt: Element };
  successful: boolean;
  xhr: XMLHttpRequest;
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const SIGN_OUT = "/console/sign-out";
const PREFIX = "keep:";
const NEVER = new Set(["password", "hidden", "file", "submit", "button"]);

/** Keep what is typed, and put back what was kept. */
export function keepTyped(): void {
  document.addEventListener("input", ({ target }) => save((target as Field).form));
  document.addEventListener("submit", ({ target }) => {
    if ((target as HTMLFormElement).getAttribute("action") === SIGN_OUT) forgetAll();
  });
  document.addEventListener("htmx:load", ({ target }) => restoreIn(target as Element));
  document.addEventListener("htmx:afterRequest", (event) => {
    const { requestConfig, successful, xhr } = (event as CustomEvent<Answered>).detail;
    const { elt } = requestConfig; // who asked, even if the answer has taken its place
    if (!(elt instanceof HTMLFormElement) || !elt.dataset["keep"] || "undo" in elt.dataset) return;
    if (successful || xhr.getResponseHeader("hx-location")) sessionStorage.removeItem(keyOf(elt));
  });
}

function restoreIn(root: Element): void {
  const forms = [...root.querySelectorAll<HTMLFormElement>("form[data-keep]")];
  if (root instanceof HTMLFormElement && root.dataset["keep"]) forms.push(root);
  for (const form of forms) restore(form);
}

function restore(form: HTMLFormElement): void {
  const kept = read(keyOf(form));
  if (kept?.who !== who()) return;
  const left = [...kept.typed];
  for (const field of fieldsOf(form)) {
    const { value: before, checked: wasTicked } = field as HTMLInputElement;
    if (isTicked(field)) {
      field.checked = left.some(([name, value]) => name === field.name && value === field.value);
    } else {
      const index = left.findIndex(([name]) => name === field.name);
      if (index >= 0) field.value = left.splice(index, 1)[0]![1];
    }
    // What stays as it is asks for nothing, so that no answer comes between what somebody does.
    if (field.value === before && (field as HTMLInputElement).checked === wasTicked) continue;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function save(form: HTMLFormElement | null): void {
  if (!form?.dataset["keep"]) return;
  const typed = fieldsOf(form)
    .filter((field) => !isTicked(field) || field.checked)
    .map((field): [string, string] => [field.name, field.value]);
  const kept: Kept = { who: who(), typed };
  sessionStorage.setItem(keyOf(form), JSON.stringify(kept));
}

function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.elements].filter(
    (each): each is Field =>
      (each instanceof HTMLInputElement ||
        each instanceof HTMLTextAreaElement ||
        each instanceof HTMLSelectElement) &&
      each.name !== "" &&
      !NEVER.has(each.type),
  );
}

function isTicked(field: Field): field is HTMLInputElement {
  return field.type === "checkbox" || field.type === "radio";
}

function read(key: string): Kept | null {
  return JSON.parse(sessionStorage.getItem(key) ?? "null") as Kept | null;
}

function keyOf(form: HTMLFormElement): string {
  return PREFIX + (form.dataset["keep"] ?? "");
}

function keys(): string[] {
  return Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
}

function forgetAll(): void {
  for (const key of keys()) sessionStorage.removeItem(key);
}

function who(): string {
  return document.querySelector(".who")?.textContent.trim() ?? "";
}
