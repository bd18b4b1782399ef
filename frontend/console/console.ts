/** The console: pages come from the server, htmx moves them along, and this makes them quick. */

import htmx from "htmx.org";
import { copyButtons } from "../shared/copy";
import { guardForms } from "../shared/guard";
import { drawCharts } from "./charts";
import { offerSecond, watchDecisions } from "./decide";
import { keepTyped } from "./keep";
import { markPlace } from "./nav";
import { tellAway, watchRequests } from "./requests";
import { openReview, watchLease } from "./review";
import { listenForKeys } from "./shortcuts";

// Pages of cases are not kept in the browser, where they would outlive the session: whoever goes
// back loads them again.
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = true;

keepTyped();
guardForms(tellAway);
watchRequests(openMain);
listenForKeys();
watchDecisions();
watchLease();
drawCharts();
openMain();

/** Bring to life what the page is about; htmx may bring what the next one is about (`go_on`). */
function openMain(): void {
  markPlace();
  copyButtons();
  openReview();
  offerSecond();
}
