// @ts-check
/** Tells the CRM's own answers from those of what stands before it: a proxy while the CRM restarts. */

/**
 * Every answer of the CRM but the static files says that it depends on HX-Request (crm/web/layout.py).
 * @param {Headers} headers
 */
export function isOurs(headers) {
  return (headers.get("Vary") ?? "").toLowerCase().includes("hx-request");
}
