// @ts-check
/**
 * A table as stacked bars: reads the columns that the head marks with data-series, so that table
 * and picture cannot differ. Each series has a fill of its own beside its colour. reports.js calls it.
 */

const BAR = 36; // px for a lying bar with its space
const AROUND = 70; // px for its legend and scale
const MOST_LYING = 25; // more bars than this nobody compares; the table has all

/**
 * Series -> its token in tokens.css and how its bars are filled.
 * @type {Record<string, {token: string, paint: (colour: string) => string | CanvasPattern | null}>}
 */
const FILLS = {
  answered: { token: "--talking", paint: plain },
  missed: { token: "--missed", paint: hatched },
  outbound: { token: "--accent", paint: dotted },
};

/**
 * Draw the table that the box names.
 * @param {any} Chart  Chart.js
 * @param {HTMLElement} box
 */
export function chartOf(Chart, box) {
  const table = document.getElementById(box.dataset.chart ?? "");
  const canvas = box.querySelector("canvas");
  if (!(table instanceof HTMLTableElement) || !canvas) throw new Error("nothing to draw");
  const lying = box.dataset.lying !== undefined;
  const rows = [...table.tBodies[0].rows].slice(0, lying ? MOST_LYING : undefined);
  const bars = barsOf(rows, Number(box.dataset.together));
  if (lying) box.style.height = `${AROUND + BAR * bars.length}px`;
  return new Chart(canvas, {
    type: "bar",
    data: { labels: bars.map(([first]) => markOf(first)), datasets: seriesOf(table, bars) },
    options: optionsOf(lying, bars.map(titleOf)),
  });
}

/**
 * The rows of each bar: one, or as many as are drawn together.
 * @param {HTMLTableRowElement[]} rows
 * @param {number} together
 */
function barsOf(rows, together) {
  const bars = [];
  for (let at = 0; at < rows.length; at += together) bars.push(rows.slice(at, at + together));
  return bars;
}

/**
 * @param {HTMLTableElement} table
 * @param {HTMLTableRowElement[][]} bars
 */
function seriesOf(table, bars) {
  const heads = [...(table.tHead?.rows[0].cells ?? [])].filter((head) => head.dataset.series);
  return heads.map((head) => {
    const { token, paint } = FILLS[head.dataset.series ?? ""];
    const colour = colourOf(token);
    const fill = paint(colour);
    return {
      label: head.textContent?.trim(),
      data: bars.map((rows) => sumOf(rows, head.cellIndex)),
      backgroundColor: fill,
      hoverBackgroundColor: fill,
      borderColor: colour,
      hoverBorderColor: colour,
      borderWidth: 1,
      maxBarThickness: 28,
    };
  });
}

/**
 * @param {HTMLTableRowElement[]} rows
 * @param {number} column
 */
function sumOf(rows, column) {
  return rows.reduce((sum, row) => sum + Number(row.cells[column].dataset.value), 0);
}

/**
 * @param {boolean} lying
 * @param {string[]} names
 */
function optionsOf(lying, names) {
  const [text, quiet, line] = ["--text", "--quiet", "--line"].map(colourOf);
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
  const counts = { stacked: true, beginAtZero: true, grid: { color: line }, border: { display: false }, ticks: { color: quiet, font, precision: 0 } };
  const bars = { stacked: true, grid: { display: false }, border: { color: line }, ticks: { color: lying ? text : quiet, font, maxRotation: 0, autoSkip: !lying, autoSkipPadding: 12 } };
  return {
    animation: false, // figures that are looked up do not dance
    maintainAspectRatio: false,
    indexAxis: lying ? "y" : "x",
    interaction: { mode: "index", axis: lying ? "y" : "x", intersect: false },
    scales: lying ? { x: counts, y: bars } : { x: bars, y: counts },
    plugins: {
      legend: { align: "start", labels: { color: text, font, boxWidth: 14, boxHeight: 14 } },
      tooltip: {
        titleFont: font,
        bodyFont: font,
        callbacks: { title: (/** @type {{dataIndex: number}[]} */ [item]) => names[item.dataIndex] },
      },
    },
  };
}

/** The name of a bar's row, or of its first and last. @param {HTMLTableRowElement[]} rows */
function titleOf(rows) {
  const names = [rows[0], rows[rows.length - 1]].map(nameOf);
  return [...new Set(names)].join(" – ");
}

/** @param {HTMLTableRowElement} row */
function nameOf(row) {
  return row.cells[0].textContent?.trim() ?? "";
}

/** What stands at the bar: the short name, where there is one. @param {HTMLTableRowElement} row */
function markOf(row) {
  return row.cells[0].dataset.mark ?? nameOf(row);
}

/**
 * A token's colour at this moment as rgb(): the library does not read oklch().
 * @param {string} token
 */
function colourOf(token) {
  const probe = document.createElement("i");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const pen = penOf(1);
  pen.fillStyle = getComputedStyle(probe).color;
  probe.remove();
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
}

/** @param {string} colour */
function plain(colour) {
  return colour;
}

/** @param {string} colour */
function hatched(colour) {
  const pen = penOf(8);
  pen.strokeStyle = colour;
  pen.lineWidth = 2.5;
  for (const from of [-8, 0, 8]) {
    pen.moveTo(from - 2, 10);
    pen.lineTo(from + 10, -2);
  }
  pen.stroke();
  return pen.createPattern(pen.canvas, "repeat");
}

/** @param {string} colour */
function dotted(colour) {
  const pen = penOf(6);
  pen.fillStyle = colour;
  pen.fillRect(1, 1, 2, 2);
  pen.fillRect(4, 4, 2, 2);
  return pen.createPattern(pen.canvas, "repeat");
}

/** @param {number} size */
function penOf(size) {
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) throw new Error("this browser draws no pictures");
  return pen;
}
