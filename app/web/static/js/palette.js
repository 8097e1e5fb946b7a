// Colours of charts come from the style sheet, so that light and dark stand in one place.
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--fp-${name}`).trim();
}

// Draws once now, and again when the theme or the size of the page changes.
export function keepDrawn(element, draw) {
  const chart = window.echarts.init(element, null, { renderer: "canvas" });
  const redraw = () => draw(chart);
  new ResizeObserver(() => {
    // Told at once and once more than anything changed; an element that is gone has no size.
    const [width, height] = [element.clientWidth, element.clientHeight];
    if (width && height && (width !== chart.getWidth() || height !== chart.getHeight())) chart.resize();
  }).observe(element);
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  redraw();
  return redraw;
}
