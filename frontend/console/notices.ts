/** What the page has to say that is not part of it: in `#notices`, read aloud at once. */

type Kind = "good" | "warn" | "bad" | "info";

/** Say something in place of what was said before. */
export function tell(kind: Kind, text: string): void {
  const notice = document.createElement("p");
  notice.className = `notice is-${kind}`;
  notice.textContent = text;
  place()?.replaceChildren(notice);
}

/** Take back what was said. */
export function hush(): void {
  place()?.replaceChildren();
}

function place(): HTMLElement | null {
  return document.getElementById("notices");
}
