// @ts-check
/** What a logged-in agent's page does beyond the shell; base.html loads this once. */
import "./softphone.js";
import "./softphone-line.js";
import "./call-panel.js";
import "./call-notes.js";
import "./dial.js";
import "./login-lost.js";
import "./reports.js";
