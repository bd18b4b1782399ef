/** `<button data-copy="#receipt">` copies the text of an element, and says so. */

const SAID_MS = 2_000;

/** Make all such buttons of the page work; without a script they are hidden. */
export function copyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => void copy(button));
  }
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const source = document.querySelector(button.dataset["copy"] ?? "");
  const { copied = "Copied" } = button.dataset;
  if (!source) return;
  await navigator.clipboard.writeText(source.textContent.trim());
  const label = button.textContent;
  button.textContent = copied;
  setTimeout(() => (button.textContent = label), SAID_MS);
}
