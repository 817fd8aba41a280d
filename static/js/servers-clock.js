// @ts-check
/**
 * Desk clocks are wrong by minutes, and what the softphone says is put in order with what the
 * server saw. The difference is measured once, when the page comes: were it measured again with
 * each message, two of them could change places.
 */

// The page was on its way for a while, so that only a difference that would be noticed counts.
const NOTICED_MS = 3000;
const ahead = difference();

/**
 * @param {string} at ISO 8601 by this machine's clock
 * @returns {string} the same moment by the server's
 */
export function onServersClock(at) {
  return new Date(Date.parse(at) + ahead).toISOString();
}

/** How far the server's clock is ahead of this machine's, in milliseconds. */
function difference() {
  const told = Date.parse(document.getElementById("dock")?.dataset.now ?? "");
  const [page] = performance.getEntriesByType("navigation");
  const { responseStart } = /** @type {PerformanceNavigationTiming} */ (page);
  const found = told - (performance.timeOrigin + responseStart);
  return Math.abs(found) > NOTICED_MS ? found : 0;
}
