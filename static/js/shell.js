// @ts-check
/**
 * The small behaviours of the page around its contents; one file each, none knows another.
 * base.html loads this once. What a call does is not here: see softphone.js.
 */
import "./csrf.js";
import "./navigation.js";
import "./search-key.js";
import "./row-keys.js";
import "./shown-rows.js";
import "./while-visible.js";
import "./missed.js";
import "./timers.js";
import "./dirty-forms.js";
import "./leave-guard.js";
import "./failed-requests.js";
import "./toasts.js";
import "./copy.js";
import "./menus.js";
import "./dock-toggles.js";
import "./done-key.js";
import "./double-clicks.js";
import "./recording.js";
