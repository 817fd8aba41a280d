// @ts-check
/**
 * The agent has chosen another language, here or in another tab: #main came in it, and what stands
 * around it follows without a reload, which would cut a call. The server draws the whole page once
 * more; from it come the pieces with data-words, and the names of those with data-named, where the
 * softphone is. Each has an id. navigation.js loads this.
 */
import { parsed } from "./requests.js";

/** @param {string} language */
export async function follow(language) {
  const text = await wholePage();
  const page = parsed(text);
  if (page.documentElement.lang !== language) return; // the next page tries it again
  document.documentElement.lang = language;
  for (const { id } of page.querySelectorAll("[data-words]")) {
    const target = document.getElementById(id);
    if (target) void window.htmx.swap({ text, select: `#${id}`, target, swap: "outerMorph", sourceElement: target });
  }
  for (const named of page.querySelectorAll("[data-named]")) {
    const label = named.getAttribute("aria-label");
    if (label) document.getElementById(named.id)?.setAttribute("aria-label", label);
  }
  document.dispatchEvent(new CustomEvent("language-changed"));
  document.body.dispatchEvent(new CustomEvent("softphone-renewed")); // its line is drawn again
}

/** This page as a full load would bring it; "" without a network. */
async function wholePage() {
  try {
    const answer = await fetch(location.href);
    return answer.ok ? await answer.text() : "";
  } catch {
    return "";
  }
}
