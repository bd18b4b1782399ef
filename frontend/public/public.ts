/** The public pages: they work without it. */

import { copyButtons } from "../shared/copy";
import { guardForms } from "../shared/guard";

guardForms((form) => {
  const notice = form.querySelector("[role=alert].is-bad") ?? document.createElement("p");
  notice.className = "notice is-bad";
  notice.role = "alert";
  notice.textContent = document.body.dataset["offline"] ?? "";
  form.append(notice);
});
copyButtons();
