/** The public pages: they work without it. */

import { copyButtons } from "../shared/copy";
import { guardForms } from "../shared/guard";

guardForms();
copyButtons();
