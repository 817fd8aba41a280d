// @ts-check
/**
 * The CRM login was lost while the page lives on: asks for it inside #main, the dock untouched,
 * and tells the others when it is back. If somebody else logs in, the page is theirs from the next
 * moment without a call on.
 */
import { fetchInto, onHtmx } from "./htmx-events.js";

let asked = false;

document.addEventListener("logged-out", () => {
  if (asked) return;
  asked = true;
  fetchInto(location.pathname + location.search, { target: "#main", swap: "outerSync" });
});

onHtmx("htmx:after:swap", ({ request, response }) => {
  if (!request || !response || response.status >= 400) return;
  asked = false; // also when it came back by a login in another tab
  if (new URL(request.action, location.href).pathname !== "/login") return;
  document.dispatchEvent(new CustomEvent("logged-in"));
  document.body.dispatchEvent(new CustomEvent("softphone-renewed"));
});
