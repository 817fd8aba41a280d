// @ts-check
/**
 * Pictures of tables: every [data-chart] of #main is drawn when it appears and given up when it
 * goes. The chart library is fetched with the first of them, so other pages never load it.
 */
import { chartOf } from "./report-charts.js";

/** @typedef {{destroy(): void}} Chart */

/** @type {Map<HTMLElement, Chart>} */
const drawn = new Map();

document.addEventListener("htmx:after:process", refresh);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAgain);
document.addEventListener("theme-changed", drawAgain);
refresh();

function refresh() {
  for (const box of drawn.keys()) if (!box.isConnected) giveUp(box);
  const boxes = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-chart]"));
  for (const box of boxes) draw(box);
}

/** The canvas holds the colours of the moment; the other palette needs another picture. */
function drawAgain() {
  for (const box of [...drawn.keys()]) giveUp(box);
  refresh();
}

/** @param {HTMLElement} box */
async function draw(box) {
  try {
    const library = await load(box.dataset.library ?? "");
    if (box.isConnected && !drawn.has(box)) drawn.set(box, chartOf(library, box));
  } catch (error) {
    console.warn("No picture of a table could be drawn", error);
    box.hidden = true; // the table below says the same
  }
}

/** @param {HTMLElement} box */
function giveUp(box) {
  drawn.get(box)?.destroy();
  drawn.delete(box);
}

/**
 * Its file is no module: it leaves its name in the window.
 * @param {string} address
 */
async function load(address) {
  await import(address);
  const { Chart } = /** @type {{Chart?: any}} */ (/** @type {unknown} */ (window));
  if (!Chart) throw new Error("the chart library did not load");
  return Chart;
}
