// @ts-check
/**
 * The behaviours of the page around its contents. base.html loads this once. None knows another.
 * What a call does is not here: see desk.js.
 */
import "./csrf.js";
import "./navigation.js";
import "./list-place.js";
import "./keys.js";
import "./self-refresh.js";
import "./work-list.js";
import "./timers.js";
import "./leave-guard.js";
import "./failed-requests.js";
import "./toasts.js";
import "./buttons.js";
import "./theme.js";
import "./recording.js";
import "./language.js";
