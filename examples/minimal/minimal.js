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
  const into = { source: "#main", target: "#main", select: "#main", swap: "outerSync" };
  htmx.ajax("POST", "/softphone", { values: detail, ...into });
});

// Guide, "click2call". A dial gets its transactionid here: `expect` tells the island that the next
// `Dial` message belongs to it, `forget` that none will come. The second half of a double click is
// dropped; the server looks as well.
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
  const isDial = ctx.sourceElement.matches(".dial");
  if (isDial && ctx.response.status >= 400) phone.forget(ctx.request.body.get("call"));
});

// Guide, "Generic Softphone SSO": a page that goes away leaves its call open at the vendor.
window.addEventListener("beforeunload", (event) => {
  if (phone.busy) event.preventDefault();
});
