// @ts-check
/**
 * The scenes of the tour. Each step names its caption (a word of _tour.html) and does what the agent
 * would do, on the page itself; callers and the softphone are played by the demo's simulator. A step
 * is over when the page shows what it is about.
 *
 * @typedef {object} Teller  what tour.js hands to a step
 * @property {(fulfilled: () => unknown) => Promise<void>} until
 * @property {(path: string, wish?: object) => Promise<any>} ask  the demo's own routes
 * @property {() => Promise<any>} state  of the simulator
 * @property {(name: string) => string} word
 * @typedef {{say: string, play: (t: Teller) => Promise<void>}} Step
 */

const CARD = "#call-panel > .call-card";

/** @type {{name: string, steps: Step[]}[]} */
export const SCENES = [
  scene("welcome", {
    welcome: async (t) => {
      await visit(t, "/contacts");
      await t.until(async () => (await t.state()).softphone !== "offline");
    },
  }),
  scene("stranger", {
    "stranger-rings": async (t) => ring(t, (await t.state()).stranger.number, "Sales"),
    "stranger-talks": answer,
    "stranger-saved": async (t) => {
      const { name } = (await t.state()).stranger;
      press(`${CARD} a[href^="/contacts/new"]`);
      await t.until(() => find("#main input[name=name]"));
      type("#main input[name=name]", name);
      find("#main input[name=name]")?.closest("form")?.requestSubmit();
      await t.until(() => find(`${CARD} .call-name`)?.textContent?.trim() === name);
    },
    "stranger-ends": async (t) => {
      await hangUp(t);
      await wrapUp(t, "sale");
    },
  }),
  scene("known", {
    "known-rings": async (t) => ring(t, (await t.state()).known.number, "Support"),
    "known-note": async (t) => {
      await answer(t);
      type(`${CARD}.is-talking textarea[data-note]`, t.word("note"));
    },
    "known-ends": async (t) => {
      await hangUp(t);
      await wrapUp(t, "resolved");
      await visit(t, (await t.state()).known.url);
    },
  }),
  scene("masked", {
    "masked-rings": async (t) => {
      await ring(t, (await t.state()).known.number, "Support", true);
      await t.until(() => find(`${CARD} a.call-name`));
    },
    "masked-ends": async (t) => {
      await answer(t);
      await hangUp(t);
      await wrapUp(t, "resolved");
    },
  }),
  scene("two", {
    "two-rings": async (t) => {
      const { known, other } = await t.state();
      await ring(t, known.number, "Support");
      await answer(t);
      await ring(t, other.number, "Billing");
    },
    "two-second": async (t) => {
      await hangUp(t);
      await answer(t);
    },
    "two-ends": async (t) => {
      await hangUp(t);
      await wrapUp(t, "resolved");
      await wrapUp(t, "resolved");
    },
  }),
  scene("dial", {
    "dial-click": async (t) => {
      await visit(t, (await t.state()).known.url);
      press("#main form.dial button[type=submit]");
      await t.until(() => find(`${CARD}.is-talking`));
    },
    "dial-ends": async (t) => {
      await hangUp(t);
      await wrapUp(t, "resolved");
      await visit(t, (await t.state()).known.url);
    },
  }),
  scene("missed", {
    "missed-rings": async (t) => ring(t, (await t.state()).other.number, "Sales"),
    "missed-list": async (t) => {
      for (const call of (await t.state()).calls) await t.ask(`calls/${call.id}/far-side/hang-up`, {});
      await t.until(() => !find(`${CARD}.is-ringing`));
      await wrapUp(t, "");
      await visit(t, "/missed");
      await t.until(() => find("#main .missed-row form.dial button"));
    },
    "missed-back": async (t) => {
      press("#main .missed-row form.dial button");
      await t.until(() => find(`${CARD}.is-talking`));
    },
    "missed-ends": async (t) => {
      await hangUp(t);
      await wrapUp(t, "resolved");
      await visit(t, "/missed");
    },
  }),
  scene("follow", { follow: (t) => visit(t, "/follow-ups") }),
  scene("fault", {
    "fault-talks": async (t) => {
      await ring(t, (await t.state()).known.number, "Support");
      await answer(t);
      await t.ask("expire", {});
    },
    "fault-hold": async (t) => {
      press(`${CARD}.is-talking [id$="-hold"]`);
      await t.until(() => find(`${CARD}.is-held`));
    },
    "fault-ends": async (t) => {
      press(`${CARD}.is-held [id$="-hold"]`);
      await t.until(() => find(`${CARD}.is-talking`));
      await hangUp(t);
      await wrapUp(t, "resolved");
    },
  }),
  scene("reports", {
    reports: async (t) => {
      await visit(t, "/reports");
      await t.until(() => find("#main [data-chart]"));
    },
    end: async () => {},
  }),
];

/**
 * Ends the agent's calls and empties the panel: before each scene, and at the end.
 * @param {Teller} t
 */
export async function clearDesk(t) {
  for (const call of (await t.state()).calls) {
    await t.ask(`calls/${call.id}/far-side/hang-up`, {}).catch(() => t.ask(`calls/${call.id}/softphone/hang-up`, {}));
  }
  await t.until(() => !find(`${CARD}:is(.is-ringing, .is-talking, .is-held, .is-dialling)`));
  for (const card of document.querySelectorAll(CARD)) {
    press(`#${card.id} :is([data-done], [hx-post$="/done"])`);
    await t.until(() => !card.isConnected);
  }
  for (const form of document.querySelectorAll("#main form[data-dirty]")) form.removeAttribute("data-dirty");
}

/**
 * @param {string} name
 * @param {Record<string, (t: Teller) => Promise<void>>} steps
 */
function scene(name, steps) {
  return { name, steps: Object.entries(steps).map(([say, play]) => ({ say, play })) };
}

/**
 * @param {Teller} t
 * @param {string} number
 * @param {string} queue
 */
async function ring(t, number, queue, masked = false) {
  await t.until(async () => (await t.state()).softphone !== "offline");
  await t.ask("ring", { number, queue, masked });
  await t.until(() => find(`${CARD}.is-ringing`));
}

/**
 * Whoever is at the desk may have been quicker.
 * @param {Teller} t
 */
async function answer(t) {
  for (const call of (await t.state()).calls) {
    if (call.state === "ringing") await t.ask(`calls/${call.id}/softphone/answer`, {});
  }
  await t.until(() => find(`${CARD}.is-talking`));
}

/** @param {Teller} t */
async function hangUp(t) {
  press(`${CARD}:is(.is-talking, .is-held) .hang-up`);
  await t.until(() => !find(`${CARD}:is(.is-talking, .is-held)`));
}

/**
 * Choose an outcome on the first card that is over, and close it.
 * @param {Teller} t
 * @param {string} outcome
 */
async function wrapUp(t, outcome) {
  const over = `${CARD}:has([data-done])`;
  if (outcome) await t.until(() => find(over));
  const card = find(over);
  if (!card) return;
  if (outcome) {
    const choice = `#${card.id} input[name=outcome][value=${outcome}]`;
    press(choice);
    await t.until(() => find(`#${card.id} .call-saved`)?.textContent?.trim());
  }
  press(`#${card.id} [data-done]`);
  await t.until(() => !document.getElementById(card.id));
}

/**
 * @param {Teller} t
 * @param {string} url
 */
async function visit(t, url) {
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  await window.htmx.ajax("GET", url, { target: "#main", swap: "outerSync", push: "true", source: main });
  await t.until(() => location.pathname === url && find("#main h1") && !find("#main[aria-busy]"));
}

/** @param {string} selector */
function find(selector) {
  return /** @type {HTMLElement | null} */ (document.querySelector(selector));
}

/** @param {string} selector */
function press(selector) {
  find(selector)?.click();
}

/**
 * @param {string} selector
 * @param {string} text
 */
function type(selector, text) {
  const field = /** @type {HTMLInputElement | null} */ (find(selector));
  if (!field) return;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
