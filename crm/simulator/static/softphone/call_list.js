// The open calls as cards. A card stays the same element as long as its call, so that focus stays.

import { _ } from "../words.js";

/** @typedef {import("../softphone.js").Call} Call */
/** @typedef {(call: Call, action: string, fields: {queue?: string, agent?: string, digits?: string}) => void} Act */

const WORDS = {
  ringing: _("Incoming call"),
  choosing: _("Dial from which queue?"),
  dialling: _("Dialling…"),
  calling: _("Ringing at the other end…"),
  talking: _("Talking"),
  held: _("On hold"),
};
const BUTTONS = {
  ringing: ["answer", "reject"],
  choosing: ["cancel"],
  dialling: ["hang-up"],
  calling: ["hang-up"],
  talking: ["mute", "hold", "keypad", "hang-up", "transfer"],
  held: ["unhold", "hang-up", "transfer"],
};

export class CallList {
  /** @type {Map<number, {element: HTMLElement, call: Call}>} */
  #cards = new Map();
  #place;
  #act;

  /** @param {HTMLElement} place @param {Act} act */
  constructor(place, act) {
    this.#place = place;
    this.#act = act;
    setInterval(() => this.#tick(), 1000);
  }

  /** @param {Call[]} calls */
  show(calls) {
    for (const [id, card] of this.#cards) {
      if (!calls.some((call) => call.id === id)) {
        card.element.remove();
        this.#cards.delete(id);
      }
    }
    for (const call of calls) this.#draw(call);
    this.#tick();
  }

  /** @param {number} id @param {boolean} muted */
  showMuted(id, muted) {
    const button = this.#cards.get(id)?.element.querySelector('[data-do="mute"]');
    button?.setAttribute("aria-pressed", String(muted));
    const label = button?.querySelector("span");
    if (label) label.textContent = muted ? _("Muted") : _("Mute");
    button?.querySelector("use")?.setAttribute("href", muted ? "#microphone-off" : "#microphone");
  }

  /** @param {Call} call */
  #draw(call) {
    const card = this.#cards.get(call.id) ?? { element: this.#newCard(call), call };
    card.call = call;
    this.#cards.set(call.id, card);
    const state = /** @type {keyof typeof WORDS} */ (call.state);
    card.element.dataset.state = call.state;
    write(card.element, "state", WORDS[state]);
    write(card.element, "queue", call.queue);
    write(card.element, "number", call.number === "anonymous" ? _("Anonymous") : call.number);
    for (const button of card.element.querySelectorAll("[data-do]")) {
      const action = /** @type {HTMLElement} */ (button).dataset.do ?? "";
      /** @type {HTMLElement} */ (button).hidden = !BUTTONS[state].includes(action);
    }
    hide(card.element, ".queues", call.state !== "choosing");
    hide(card.element, ".colleagues", call.state !== "talking" && call.state !== "held");
    write(card.element, "keyed", call.keyed);
    const keypad = card.element.querySelector('[data-do="keypad"]')?.getAttribute("aria-expanded") === "true";
    if (keypad) openKeypad(card.element, call.state === "talking");
  }

  /** A second caller comes first, where the Answer button is seen. @param {Call} call */
  #newCard({ id, state }) {
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("call"));
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    const element = /** @type {HTMLElement} */ (copy.firstElementChild);
    element.addEventListener("click", (event) => this.#click(id, /** @type {Element} */ (event.target)));
    if (state === "ringing") this.#place.prepend(element);
    else this.#place.append(element);
    return element;
  }

  /** @param {number} id @param {Element} target */
  #click(id, target) {
    const button = /** @type {HTMLElement | null} */ (target.closest("button"));
    const call = this.#cards.get(id)?.call;
    if (!button || !call) return;
    const { do: action, queue, agent, key } = button.dataset;
    if (action === "keypad") openKeypad(this.#cards.get(id)?.element, button.getAttribute("aria-expanded") === "false");
    else if (key) this.#act(call, "keys", { digits: key });
    else this.#act(call, action ?? "queue", { queue, agent });
  }

  #tick() {
    for (const { element, call } of this.#cards.values()) {
      const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(call.since)) / 1000));
      const up = call.state === "talking" || call.state === "held";
      write(element, "timer", up ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : "");
    }
  }
}

/** The keys of a call, in the place of the colleagues.
 * @param {HTMLElement | undefined} card @param {boolean} open */
function openKeypad(card, open) {
  if (!card) return;
  card.querySelector('[data-do="keypad"]')?.setAttribute("aria-expanded", String(open));
  hide(card, ".keypad", !open);
  hide(card, ".colleagues", open);
}

/** A group that the template may not have: who is alone has no colleagues.
 * @param {HTMLElement} card @param {string} group @param {boolean} hidden */
function hide(card, group, hidden) {
  const place = /** @type {HTMLElement | null} */ (card.querySelector(group));
  if (place) place.hidden = hidden;
}

/** @param {HTMLElement} card @param {string} name @param {string} text */
function write(card, name, text) {
  const place = /** @type {HTMLElement} */ (card.querySelector(`[data-of="${name}"]`));
  if (place.textContent !== text) place.textContent = text;
}
