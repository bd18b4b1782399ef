/** The console: pages come from the server, htmx moves them along, and this makes them quick. */

import htmx from "htmx.org";
import { copyButtons } from "../shared/copy";
import { guardForms } from "../shared/guard";
import { drawCharts } from "./charts";
import { watchDecisions } from "./decide";
import { keepTyped } from "./keep";
import { markPlace } from "./nav";
import { tellAway, watchRequests } from "./requests";
import { openReview } from "./review";
import { listenForKeys } from "./shortcuts";

// Pages of cases are not kept in the browser, where they would outlive the session.
htmx.config.historyCacheSize = 0;

keepTyped();
guardForms(tellAway);
watchRequests();
listenForKeys();
markPlace();
copyButtons();
watchDecisions();
drawCharts();
openReview();
