/** What the page does with the softphone. The island's own comment explains its words. */
import "/static/js/softphone.js";

const phone = document.querySelector("agent-softphone");

// Guide, "Generic Softphone SSO". Each #main brings the address. After a renewal it is a new one:
// the island loads it at once, or after the hangup if a call is up.
document.addEventListener("htmx:after:swap", takeAddress);
takeAddress();

function takeAddress() {
  const { src } = document.getElementById("main").dataset;
  if (src) phone.setAttribute("src", src);
  else phone.removeAttribute("src");
}

// Guide, "Pop-Up of the Contact Card for Inbound Calls".
document.addEventListener("softphone:message", ({ detail }) => {
  if (detail.type !== "IncomingCall" && detail.type !== "Hangup") return;
  htmx.ajax("POST", "/softphone", { values: detail, target: "#main", select: "#main", swap: "outerHTML" });
});

// Guide, "click2call". A dial gets its transactionid here: `expect` tells the island that the next
// `Dial` message is its, `forget` that none will come. The second half of a double click is no click.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest(".dial")) event.preventDefault();
}, { capture: true });

document.addEventListener("htmx:before:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  if (!sourceElement.matches(".dial")) return;
  if (phone.busy) return event.preventDefault();
  request.body.set("call", crypto.randomUUID());
  phone.expect(request.body.get("call"), request.body.get("number"));
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.matches(".dial") && ctx.response.status >= 400) phone.forget(ctx.request.body.get("call"));
});

// Who leaves the page ends nothing at the vendor: the call would stay open there.
window.addEventListener("beforeunload", (event) => { if (phone.busy) event.preventDefault(); });
