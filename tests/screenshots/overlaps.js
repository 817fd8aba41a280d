// Which texts of the page and of the call cards lie over another. What floats above them may.
() => {
  const lines = [], faults = [];
  for (const part of document.querySelectorAll("#main, #call-panel")) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.data.trim(), place = walker.currentNode.parentElement;
      if (!text || !place.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
      if (place.closest("option, svg, canvas") || floats(place, part)) continue;
      const range = document.createRange();
      range.selectNodeContents(walker.currentNode);
      for (const {left, right, top, bottom} of range.getClientRects()) {
        if (right - left > 2) lines.push({text, left: left + 2, right: right - 2, top: top + 4, bottom: bottom - 4});
      }
    }
  }
  for (const [index, one] of lines.entries()) {
    for (const other of lines.slice(index + 1)) {
      if (one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom) {
        faults.push(`“${one.text.slice(0, 40)}” lies over “${other.text.slice(0, 40)}”`);
      }
    }
  }
  return [...new Set(faults)];

  function floats(place, part) {
    for (let box = place; box && box !== part; box = box.parentElement) {
      if (/absolute|fixed|sticky/.test(getComputedStyle(box).position)) return true;
    }
    return false;
  }
}
