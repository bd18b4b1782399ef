/**
 * Single keys press what has `data-key="j"`: links, buttons, radios; other fields get the focus.
 *
 * They do nothing while somebody types, nor behind an open dialog. `?` shows all of them, by their
 * `data-key-label`, and turns them off for this browser (WCAG 2.2, 2.1.4).
 */

const OFF = "shortcuts-off";
const HELP = "?";

/** Listen for keys all over the page. */
export function listenForKeys(): void {
  document.addEventListener("keydown", (event) => {
    const { key } = event;
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    if (isOff() || !press(key)) return;
    event.preventDefault();
  });
  addHelpButton();
}

function press(key: string): boolean {
  const found = reachable().find((each) => each.dataset["key"] === key);
  if (found) {
    found.focus();
    if (!isField(found)) found.click();
    return true;
  }
  if (key !== HELP || openDialog()) return false;
  showHelp();
  return true;
}

/** What can be pressed now: visible, not disabled, and in the open dialog if there is one. */
function reachable(): HTMLElement[] {
  const root = openDialog() ?? document;
  return [...root.querySelectorAll<HTMLElement>("[data-key]")].filter(
    (each) => each.checkVisibility() && !each.matches(":disabled, [aria-disabled='true']"),
  );
}

function openDialog(): Element | null {
  return [...document.querySelectorAll("dialog:modal")].at(-1) ?? null;
}

function isField(element: HTMLElement): boolean {
  return element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=submit])");
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || isField(target));
}

function isOff(): boolean {
  return localStorage.getItem(OFF) !== null;
}

/** The button stands in the bar only where there is a script to answer it. */
function addHelpButton(): void {
  const bar = document.querySelector(".bar");
  if (!bar) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button is-quiet shortcuts-button";
  button.ariaLabel = "Keyboard shortcuts";
  button.textContent = HELP;
  button.addEventListener("click", showHelp);
  bar.append(button);
}

function showHelp(): void {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet shortcuts stack";
  dialog.setAttribute("aria-labelledby", "shortcuts-title");
  dialog.innerHTML = `
    <h2 id="shortcuts-title">Keyboard shortcuts</h2>
    <dl></dl>
    <label class="choice"><input type="checkbox"> Single keys work on this device</label>
    <form method="dialog" class="row"><button class="button" autofocus>Close</button></form>`;
  const list = dialog.querySelector("dl")!;
  for (const [key, label] of labels()) {
    const term = document.createElement("dt");
    term.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    list.append(term, Object.assign(document.createElement("dd"), { textContent: label }));
  }
  const box = dialog.querySelector("input")!;
  box.checked = !isOff();
  box.addEventListener("change", () => {
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "");
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function labels(): Map<string, string> {
  const found = new Map<string, string>();
  for (const each of reachable()) {
    const key = each.dataset["key"] ?? "";
    if (!found.has(key)) found.set(key, each.dataset["keyLabel"] ?? each.ariaLabel ?? shown(each));
  }
  return found.set(HELP, "Show these shortcuts");
}

/** What stands on something, or beside it, without the key that stands there too. */
function shown(element: HTMLElement): string {
  const label = (element as Partial<HTMLInputElement>).labels?.[0] ?? element;
  const copy = label.cloneNode(true) as HTMLElement;
  for (const key of copy.querySelectorAll("kbd")) key.remove();
  return copy.textContent.trim();
}
