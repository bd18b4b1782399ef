/** Mark where in the navigation the page is. */
export function markPlace(): void {
  const here = location.pathname;
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".bar nav a")) {
    const isHere = here === link.pathname;
    const isWithin = here.startsWith(`${link.pathname}/`);
    link.ariaCurrent = isHere ? "page" : isWithin ? "true" : null;
    if (isHere || isWithin) link.scrollIntoView({ block: "nearest", inline: "center" });
  }
}
