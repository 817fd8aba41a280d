// @ts-check
/** What a logged-in agent's page does beyond the shell; base.html loads this once. */
import "./softphone.js";
import "./still-there.js";
import "./softphone-line.js";
import "./softphone-key.js";
import "./call-panel.js";
import "./call-panel-redraw.js";
import "./dial-card.js";
import "./call-notes.js";
import "./follow-up.js";
import "./dial.js";
import "./slow-vendor.js";
import "./login-lost.js";
import "./softphone-place.js";
import "./told-of-a-ring.js";
import "./may-be-told.js";
import "./reports.js";
