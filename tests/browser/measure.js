// Measures of the page: widths, what sticks out, the smallest letters, and what there is.
(() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let smallest = { size: Infinity, text: "" };
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim(), element = texts.currentNode.parentElement;
    if (!text || !element.checkVisibility()) continue;
    // Letters of a chart are scaled with it.
    const scale = element.getScreenCTM ? element.getScreenCTM().a : 1;
    const size = parseFloat(getComputedStyle(element).fontSize) * scale;
    if (size < smallest.size) smallest = { size, text };
  }
  const sticksOut = element =>
    element.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !element.parentElement.closest(".wide");
  const all = selector => [...document.querySelectorAll(selector)];
  return {
    window: innerWidth,
    page: document.documentElement.scrollWidth,
    outside: all("body *").filter(sticksOut).map(element => element.outerHTML.slice(0, 80)),
    smallest,
    sections: all("h2").map(title => title.textContent),
    charts: all("svg").map(chart => Math.round(chart.getBoundingClientRect().width)),
    poems: all(".poem").length,
    axes: all(".axis").length,
    paper: getComputedStyle(document.body).backgroundColor,
    language: document.documentElement.lang,
  };
})()
