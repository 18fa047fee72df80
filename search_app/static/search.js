// Results and filters that change without a page load: the page that the address names is fetched, and what stands in
// its elements with `data-live` takes the place of what stands here. On any trouble the browser loads that page itself.
// Words that people read come from the page.

const form = document.getElementById("recherche");
const box = document.getElementById("q");
const filters = document.getElementById("filtres");
const results = document.getElementById("resultats");
const heading = document.getElementById("resultats-titre");
const home = new URL(form.action).pathname;
const FOLDED = "filtres-replies"; // facets that this reader keeps closed
let asking;
let shown = location.href;

// --- going from one search to another ---

// Goes to an address of the search page; `settle` says where the reader stands afterwards.
async function go(address, { push = true, settle = stay, at = null } = {}) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  results.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { signal, headers: { Accept: "text/html" } });
    // A malformed filter is answered with 400 and a page that says so.
    if (![200, 400].includes(answer.status)) throw new Error(answer.status);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (signal.aborted) return;
    if (reader(fresh) !== reader(document)) throw new Error("session");
    const before = place();
    fill(fresh);
    if (push && address !== bare(location.href)) history.pushState(null, "", address);
    shown = location.href;
    results.removeAttribute("aria-busy");
    settle(before);
    if (at !== null) scrollTo(0, at);
    note();
  } catch {
    if (!signal.aborted) location.assign(address);
  }
}

const reader = (page) => page.querySelector(".account-name")?.textContent;

function fill(fresh) {
  const pairs = [...document.querySelectorAll("[data-live]")].map((old) => [old, fresh.getElementById(old.id)]);
  if (pairs.some(([, young]) => !young)) throw new Error("another page");
  keep(fresh);
  for (const [old, young] of pairs) {
    if (old.hasAttribute("href")) old.setAttribute("href", young.getAttribute("href"));
    else old.replaceChildren(...young.childNodes);
  }
  document.title = fresh.title;
  const linked = "link[rel=alternate], link[rel=canonical]";
  document.querySelectorAll(linked).forEach((link) => link.remove());
  document.head.append(...fresh.querySelectorAll(linked));
  const typed = fresh.getElementById("q").value;
  if (box.value !== typed) box.value = typed;
  offer();
}

// With this script filters apply at once: their button leads to the results, and says how many there are.
function offer() {
  const see = document.querySelector("[data-see]");
  const found = document.querySelector("#tally strong").textContent;
  see.textContent = document.querySelector(".hits") ? see.dataset.see.replace("{}", found) : see.dataset.none;
}

offer();

// What the reader did to the page that no address tells: folds, and what is being typed in a filter.
function keep(fresh) {
  for (const fold of document.querySelectorAll("#facettes details")) {
    const young = fresh.getElementById(fold.id);
    if (young) young.open = fold.open;
  }
  for (const input of document.querySelectorAll("#facettes .among")) {
    const young = fresh.getElementById(input.id);
    if (young && input.value) {
      young.value = input.value;
      narrow(young);
    }
  }
  const active = document.activeElement;
  if (active.matches("#facettes [inputmode]")) fresh.getElementById(active.id).value = active.value;
}

// --- focus ---

// Where the focus is, in terms that hold on the next page.
function place() {
  const active = document.activeElement;
  if (!active.closest("[data-live]")) return null;
  return { tag: active.localName, id: active.id, name: active.name, value: active.value, text: active.textContent,
    at: active.selectionStart };
}

function stay(before) {
  if (!before) return;
  const same = (one) => one.localName === before.tag && (before.tag === "input"
    ? one.name === before.name && (one.type !== "checkbox" || one.value === before.value) && (one.name || one.id === before.id)
    : one.textContent === before.text);
  const next = [...document.querySelectorAll("[data-live] :is(a, input, summary, button)")].find(same);
  const instead = covers() ? filters.querySelector("summary") : heading; // the sheet of filters stays where it is
  (next ?? instead).focus({ preventScroll: true });
  if (next && before.at != null && next.type !== "checkbox") next.setSelectionRange(before.at, before.at);
}

function toResults() {
  heading.focus({ preventScroll: true });
  results.scrollIntoView({ block: "start" });
}

// --- what leads to another search ---

const inForm = () => {
  const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value.trim()));
  return new URL(asked.size ? `${home}?${asked}` : home, location.href).href;
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const applied = event.submitter?.closest(".apply");
  if (applied) filters.open = false;
  else if (matchMedia("(pointer: coarse)").matches) box.blur(); // the keyboard leaves the screen to the results
  const address = inForm();
  if (applied && address === bare(shown)) toResults();
  else go(address, { settle: applied ? toResults : stay });
});

document.addEventListener("change", (event) => {
  if (event.target.matches("#facettes [name]")) go(inForm());
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("main a[href]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const address = new URL(link.getAttribute("href"), location.href);
  if (address.hash || address.origin !== location.origin || address.pathname !== home || link.target || link.download) return;
  event.preventDefault();
  const stays = link.closest(".chips, .sorts, .sizes, .histogram");
  go(address.href, { settle: stays ? stay : toResults });
});

// --- the sheet of filters on a small screen ---

const covers = () => filters.open && getComputedStyle(filters).position === "fixed";

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || !covers()) return;
  filters.open = false;
  filters.querySelector("summary").focus();
});

// Whoever walks on past its end with the Tab key is among the results, which it must not cover.
document.addEventListener("focusin", ({ target }) => {
  // A press on a label gives the focus to <main>, which holds the sheet too.
  if (!filters.contains(target) && !target.contains(filters) && covers()) filters.open = false;
});

// Going back, the page is as long as it was only once it is filled: where one stood is kept in the history itself.
const bare = (address) => address.split("#")[0];
const note = () => history.replaceState({ y: scrollY }, "");
let scrolled;

addEventListener("scroll", () => {
  clearTimeout(scrolled);
  scrolled = setTimeout(() => bare(location.href) === bare(shown) && note(), 150);
}, { passive: true });

addEventListener("popstate", ({ state }) => {
  clearTimeout(scrolled);
  if (bare(location.href) !== bare(shown)) go(location.href, { push: false, at: state?.y ?? 0 });
});

// --- folds and long lists ---

const read = () => {
  try {
    return JSON.parse(localStorage.getItem(FOLDED)) ?? [];
  } catch {
    return []; // nothing can be kept in this browser, or it was spoilt
  }
};

for (const id of read()) document.getElementById(id)?.removeAttribute("open");

document.addEventListener("toggle", ({ target }) => {
  if (!target.matches?.("[data-remember]")) return;
  const kept = new Set(read());
  kept[target.open ? "delete" : "add"](target.id);
  try {
    localStorage.setItem(FOLDED, JSON.stringify([...kept]));
  } catch {
    // Nothing can be kept: the fold holds for this page.
  }
}, true);

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// Leaves of a long list what holds the typed words, and says how many.
function narrow(input) {
  const wanted = plain(input.value.trim());
  const facet = input.closest("fieldset");
  let count = 0;
  for (const value of facet.querySelectorAll(".values > li")) {
    value.hidden = !plain(value.querySelector(".value-label").textContent).includes(wanted);
    count += !value.hidden;
  }
  const more = facet.querySelector(".more");
  if (more && wanted) more.open = true;
  facet.classList.toggle("narrowed", Boolean(wanted));
  return count;
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches(".among")) return;
  const count = narrow(target);
  const { none, one, many } = target.dataset;
  document.getElementById("valeurs").textContent = ([none, one][count] ?? many).replace("{}", count);
});
