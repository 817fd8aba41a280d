// Which texts of the page, or of the call cards, lie over another. What floats above them may, and
// what is cut off on purpose is not there.
() => {
  const faults = [];
  for (const part of document.querySelectorAll("#main, #call-panel")) {
    const lines = [], walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.data.trim(), place = walker.currentNode.parentElement;
      if (!text || !place.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
      if (place.closest("option, svg, canvas")) continue;
      const seen = whereItIsSeen(place, part);
      if (!seen) continue;
      const range = document.createRange();
      range.selectNodeContents(walker.currentNode);
      for (const {left, right, top, bottom} of range.getClientRects()) {
        const line = {
          text,
          place,
          left: Math.max(left + 2, seen.left),
          right: Math.min(right - 2, seen.right),
          top: Math.max(top + 4, seen.top),
          bottom: Math.min(bottom - 4, seen.bottom),
        };
        if (line.left < line.right && line.top < line.bottom) lines.push(line);
      }
    }
    for (const [index, one] of lines.entries()) {
      for (const other of lines.slice(index + 1)) {
        const side = one.left < other.right && other.left < one.right;
        if (side && one.place !== other.place && one.top < other.bottom && other.top < one.bottom) {
          faults.push(`“${one.text.slice(0, 40)}” lies over “${other.text.slice(0, 40)}”`);
        }
      }
    }
  }
  return [...new Set(faults)];

  // null: it floats above the page.
  function whereItIsSeen(place, part) {
    const seen = {left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity};
    for (let box = place; box && box !== part; box = box.parentElement) {
      const {position, overflowX, overflowY, clipPath} = getComputedStyle(box);
      if (/absolute|fixed|sticky/.test(position) || clipPath !== "none") return null;
      const {left, right, top, bottom} = box.getBoundingClientRect();
      if (overflowX !== "visible") Object.assign(seen, {left: Math.max(seen.left, left), right: Math.min(seen.right, right)});
      if (overflowY !== "visible") Object.assign(seen, {top: Math.max(seen.top, top), bottom: Math.min(seen.bottom, bottom)});
    }
    return seen;
  }
}
