// Which of these texts and errors of a field stand out of their button, their cell or the window, or are cut off by what
// hides the part that is too long. What can be scrolled sideways hides nothing.
(texts) => {
  const known = new Set(texts), faults = [];
  const pen = document.createElement("canvas").getContext("2d");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), place = walker.currentNode.parentElement;
    if (!text || !place.checkVisibility()) continue;
    if (!known.has(text) && !place.closest(".field-error")) continue;
    if (place.closest(".visually-hidden, option") || isForListenersAlone(place)) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const words = range.getBoundingClientRect();
    if (!words.width) continue;
    let scrolls = false;
    for (let box = place; box && !scrolls; box = box.parentElement) {
      const {overflowX, overflowY, display} = getComputedStyle(box);
      scrolls = overflowX === "auto" || overflowX === "scroll";
      const {left, right, top, bottom} = box.getBoundingClientRect();
      const holds = box.matches("button, a, th, td, label, p, summary") && display !== "inline";
      const tooWide = words.left < left - 1 || words.right > right + 1;
      const isSeen = words.top < bottom && words.bottom > top; // else it is folded away
      const tooHigh = isSeen && (words.top < top - 1 || words.bottom > bottom + 1);
      const cuts = overflowY === "hidden" || overflowY === "clip";
      const name = box.className || box.tagName;
      if ((holds || overflowX !== "visible") && !scrolls && tooWide) faults.push(`${text}: wider than ${name}`);
      if (cuts && tooHigh) faults.push(`${text}: higher than ${name}`);
    }
    if (!scrolls && words.right > innerWidth + 1) faults.push(`${text}: out of the window`);
  }
  for (const field of document.querySelectorAll("input[placeholder]")) {
    if (!field.checkVisibility() || !known.has(field.placeholder)) continue;
    const style = getComputedStyle(field);
    pen.font = style.font;
    const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (pen.measureText(field.placeholder).width > room + 1) faults.push(`${field.placeholder}: wider than its field`);
  }
  return [...new Set(faults)];

  // Also what the folded dock has no room for, and says by a shape or by what stands beside it.
  function isForListenersAlone(place) {
    for (let box = place; box; box = box.parentElement) {
      const {clipPath, webkitLineClamp} = getComputedStyle(box);
      if (clipPath !== "none") return true;
      if (webkitLineClamp !== "none" && box.closest(".dock:not(.is-open)")) return true;
    }
    return false;
  }
}
