// Step 4, in the browser: <underseal-report> files the report itself. What Loop's page gives it is
// a ticket, signed on the server for whoever is signed in, when somebody opens the dialog: not
// before, for it does not live long; and it says nothing to anybody that a dialog was opened.

document.documentElement.classList.add("has-script");

/** Ask Loop for a ticket, and whether few have seen this: then the dialog warns. */
async function bringTicket(dialog) {
  const { kind, id } = dialog.dataset;
  const answer = await fetch(`/ticket?${new URLSearchParams({ kind, id })}`);
  if (!answer.ok) throw new Error(`no ticket: ${answer.status}`);
  const { ticket, few_viewers: fewViewers } = await answer.json();
  dialog.toggleAttribute("few-viewers", fewViewers);
  dialog.setAttribute("ticket", ticket);
}

/** Open a dialog. */
export async function report(dialog) {
  try {
    if (!dialog.hasAttribute("ticket")) await bringTicket(dialog);
    dialog.open();
  } catch {
    announce("Reporting does not work at the moment.");
  }
}

function announce(text) {
  document.getElementById("announce").textContent = text;
}

// A click reaches us before the component, so that there is a ticket when it opens.
document.addEventListener(
  "click",
  (event) => {
    const dialog = event.target.closest("underseal-report:not([ticket])");
    if (!dialog) return;
    event.stopPropagation();
    report(dialog);
  },
  { capture: true },
);

// A page that was open for longer than a ticket lives: the component waits for the next one, and
// what was typed stays.
document.addEventListener("underseal-ticket-expired", (event) => {
  bringTicket(event.target).catch(() => announce("Reporting does not work at the moment."));
});

// The component tells that a report was filed, and nothing else. Its receipt is shown to its
// reporter alone: they may keep it on /reports, or anywhere.
