/**
 * What was typed into forms with `data-keep="a name of its own"` outlives a sign-out and a reload.
 *
 * It is kept in the tab (`sessionStorage`) for the person who typed it, until the form has been
 * taken: then the next page is another one than that to sign in.
 */

interface Kept {
  who: string;
  wasSent: boolean;
  typed: [name: string, value: string][];
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const SIGN_IN = "/console/sign-in";
const SIGN_OUT = "/console/sign-out";
const PREFIX = "keep:";
const NEVER = new Set(["password", "hidden", "file", "submit", "button"]);

/** Keep what is typed, and put back what was kept. */
export function keepTyped(): void {
  settleSent();
  restoreIn(document);
  document.addEventListener("input", ({ target }) => save((target as Field).form, false));
  document.addEventListener("submit", ({ target }) => {
    const form = target as HTMLFormElement;
    if (form.getAttribute("action") === SIGN_OUT) forgetAll();
    else save(form, true);
  });
  document.addEventListener("htmx:load", ({ target }) => restoreIn(target as Element));
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful } = (event as CustomEvent<{ elt: Element; successful: boolean }>).detail;
    const form = elt.closest("form");
    if (!form?.dataset["keep"]) return;
    if (successful) sessionStorage.removeItem(keyOf(form));
    else save(form, false);
  });
}

/** What was sent has been taken, unless the answer was to sign in first. */
function settleSent(): void {
  const isSignedOut = location.pathname === SIGN_IN;
  for (const key of keys()) {
    const kept = read(key);
    if (!kept?.wasSent) continue;
    if (isSignedOut) sessionStorage.setItem(key, JSON.stringify({ ...kept, wasSent: false }));
    else sessionStorage.removeItem(key);
  }
}

function restoreIn(root: Document | Element): void {
  const forms = [...root.querySelectorAll<HTMLFormElement>("form[data-keep]")];
  if (root instanceof HTMLFormElement && root.dataset["keep"]) forms.push(root);
  for (const form of forms) restore(form);
}

function restore(form: HTMLFormElement): void {
  const kept = read(keyOf(form));
  if (kept?.who !== who()) return;
  const left = [...kept.typed];
  for (const field of fieldsOf(form)) {
    if (isTicked(field)) {
      field.checked = left.some(([name, value]) => name === field.name && value === field.value);
    } else {
      const index = left.findIndex(([name]) => name === field.name);
      if (index >= 0) field.value = left.splice(index, 1)[0]![1];
    }
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function save(form: HTMLFormElement | null, wasSent: boolean): void {
  if (!form?.dataset["keep"]) return;
  const typed = fieldsOf(form)
    .filter((field) => !isTicked(field) || field.checked)
    .map((field): [string, string] => [field.name, field.value]);
  const kept: Kept = { who: who(), wasSent, typed };
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
