// A span of years chosen on the histogram: by dragging over its bars, or with the two handles under it, which are sliders
// for the keyboard. What is chosen is written in the boxes « de » and « à », and search.js asks for it as if it was typed.

const MOVED = 4; // pixels from which a press is no click on a bar
let drag = null;

const parts = (histogram) => ({
  low: document.getElementById("annee-de"),
  high: document.getElementById("annee-a"),
  range: histogram.querySelector(".range"),
  told: document.getElementById("annees-choisies"),
  first: Number(histogram.dataset.first),
  last: Number(histogram.dataset.last),
});

const histogramOf = (element) => element.closest("#facette-year")?.querySelector(".histogram");

// Shows a span, before it is asked for.
function show(histogram, one, other) {
  const { low, high, range, told, first, last } = parts(histogram);
  const [from, to] = [Math.min(one, other), Math.max(one, other)];
  const place = histogram.viewBox.baseVal.width / (last - first + 1);
  range.setAttribute("x", (from - first) * place);
  range.setAttribute("width", (to - from + 1) * place);
  [low.value, high.value] = [from, to];
  told.textContent = from === to ? from : `${from} – ${to}`;
}

// Asks for the span that the handles show. All years are no bound: resources without a year belong to them too.
function ask(histogram) {
  const { low, high, first, last } = parts(histogram);
  const [from, to] = [low.value, high.value].map(Number).sort((a, b) => a - b);
  const box = document.getElementById("year_to");
  document.getElementById("year_from").value = from === first ? "" : from;
  box.value = to === last ? "" : to;
  for (const year of document.querySelectorAll("#facettes input[name=year]:checked")) year.checked = false;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function yearAt(histogram, x) {
  const { first, last } = parts(histogram);
  const { left, width } = histogram.getBoundingClientRect();
  const year = first + Math.floor(((x - left) / width) * (last - first + 1));
  return Math.min(last, Math.max(first, year));
}

document.addEventListener("pointerdown", (event) => {
  const histogram = event.target.closest(".histogram");
  if (!histogram || event.button || !event.isPrimary) return;
  drag = { histogram, x: event.clientX, from: yearAt(histogram, event.clientX), moved: false };
});

document.addEventListener("pointermove", (event) => {
  if (!drag || !event.isPrimary) return;
  if (!drag.moved && Math.abs(event.clientX - drag.x) < MOVED) return;
  if (!drag.moved) drag.histogram.setPointerCapture(event.pointerId);
  drag.moved = true;
  show(drag.histogram, drag.from, yearAt(drag.histogram, event.clientX));
});

document.addEventListener("pointerup", () => {
  const done = drag;
  drag = null;
  if (!done?.moved) return;
  // The click that follows is no click on a bar.
  const swallow = (event) => { event.preventDefault(); event.stopPropagation(); };
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }));
  ask(done.histogram);
});

document.addEventListener("pointercancel", () => { drag = null; });
document.addEventListener("mousedown", (event) => {
  if (event.target.closest(".histogram")) event.preventDefault(); // a bar is a link, which browsers would carry away
});

document.addEventListener("input", ({ target }) => {
  if (!target.matches(".handle")) return;
  const histogram = histogramOf(target);
  const { low, high } = parts(histogram);
  // A handle stops at the other one.
  if (Number(low.value) > Number(high.value)) target.value = target === low ? high.value : low.value;
  show(histogram, Number(low.value), Number(high.value));
});

document.addEventListener("change", ({ target }) => {
  if (target.matches(".handle")) ask(histogramOf(target));
});
