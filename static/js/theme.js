// @ts-check
/** Light or dark by choice, for this browser. The cookie tells the server, so no page flashes. */

const A_YEAR_SECONDS = 365 * 24 * 3600;

document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement) || !target.matches("[data-theme-choice]")) return;
  const root = document.documentElement;
  if (target.value) root.dataset.theme = target.value;
  else delete root.dataset.theme;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${target.value}; Path=/; Max-Age=${A_YEAR_SECONDS}; SameSite=Lax${secure}`;
  document.dispatchEvent(new CustomEvent("theme-changed"));
});
