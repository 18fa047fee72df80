// Completion in the search box (the ARIA pattern « combobox with list autocomplete »), and « / » that leads to it.
// Without this script, or without an answer, the box is a plain one. Words that people read come from the page.
// A reader's own searches are kept in this browser alone, and never sent unless they are searched again.

const PAUSE = 120; // milliseconds without typing before asking
const OWN = "recherches"; // name of the reader's own searches in localStorage, the latest first
const OF_A_MEMBER = "recherches-membre"; // name of the mark that some of them were searched with an account
const OWN_KEPT = 30;
const OWN_SHOWN = 3; // beside other suggestions; more of them if nothing is typed
const SHOWN = 8;
const box = document.getElementById("q");
const place = box?.closest("[data-suggest]");

if (place) {
  complete(box, place);
  document.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented;
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && plain && !typing && shortcut()) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });
}

// One-key shortcuts can be turned off, on the page of help (RGAA 12.10), and so can the memory of own searches.
choose("raccourci");
choose("memoire", (kept) => kept || forget());
document.getElementById("oublier")?.addEventListener("click", (event) => {
  forget();
  event.target.nextElementSibling.textContent = event.target.dataset.done;
});
// Who shares this browser must not find what a member searched: neither after signing out, be it before this script was
// there, nor when the session has ended by itself.
document.querySelector("form.account")?.addEventListener("submit", forget);
if (document.querySelector(".account.guest") && stored(OF_A_MEMBER)) forget();

function choose(id, follow = () => {}) {
  const choice = document.getElementById(id);
  if (!choice) return;
  choice.checked = wanted(id);
  choice.addEventListener("change", () => {
    store(id, choice.checked ? "oui" : "non");
    follow(choice.checked);
  });
}

function shortcut() {
  return wanted("raccourci");
}

function wanted(id) {
  return stored(id) !== "non";
}

function stored(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // nothing can be kept in this browser
  }
}

function store(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Nothing can be kept: a choice holds for this page.
  }
}

function forget() {
  try {
    localStorage.removeItem(OWN);
    localStorage.removeItem(OF_A_MEMBER);
  } catch {
    // Nothing was kept.
  }
}

function ownSearches() {
  try {
    const kept = JSON.parse(stored(OWN) ?? "[]");
    return Array.isArray(kept) ? kept.filter((text) => typeof text === "string") : [];
  } catch {
    return []; // written by something else
  }
}

function keepSearch(text) {
  const asked = text.trim();
  if (!asked || asked.length > 200 || !wanted("memoire")) return;
  if (document.querySelector("form.account")) store(OF_A_MEMBER, "oui");
  store(OWN, JSON.stringify([asked, ...ownSearches().filter((one) => one !== asked)].slice(0, OWN_KEPT)));
}

function words(text) {
  const folded = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae");
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

// Own searches of which every typed word begins a word.
function ownLike(typed) {
  const asked = words(typed);
  const like = ownSearches().filter((text) => {
    const held = words(text);
    return text !== typed.trim() && asked.every((word) => held.some((one) => one.startsWith(word)));
  });
  return like.slice(0, asked.length ? OWN_SHOWN : SHOWN).map((text) => ({ text, kind: "own" }));
}

function say(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

function complete(input, holder) {
  const labels = holder.dataset;
  const list = document.createElement("div");
  const status = document.createElement("p");
  Object.assign(list, { id: "q-suggestions", className: "suggestions", hidden: true });
  say(list, { role: "listbox", "aria-label": labels.label });
  status.className = "unseen";
  say(status, { role: "status" });
  holder.append(list);
  // A page has one status of its own at most: this one is there as soon as it may have something to say.
  if (document.activeElement === input) holder.append(status);
  else input.addEventListener("focus", () => holder.append(status), { once: true });
  say(input, { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" });

  let waiting;
  let asking;
  let typed = input.value; // what stands in the box while one walks along the list

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  const close = () => {
    clearTimeout(waiting);
    asking?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const option = (item, id) => {
    const element = document.createElement("div");
    Object.assign(element, { id, textContent: item.text });
    say(element, { role: "option", "aria-selected": "false", "data-kind": item.kind });
    if (item.path) element.dataset.path = item.path;
    if (item.count) element.dataset.count = (item.count > 1 ? labels.counts : labels.count).replace("{}", item.count);
    return element;
  };

  const group = (kind, items) => {
    const element = document.createElement("div");
    const title = document.createElement("p");
    Object.assign(title, { id: `suggestions-${kind}`, className: "suggestions-kind", textContent: labels[kind] });
    say(title, { "aria-hidden": "true" }); // it names the group, and is no option
    say(element, { role: "group", "aria-labelledby": title.id });
    element.append(title, ...items.map((item, rank) => option(item, `suggestion-${kind}-${rank}`)));
    return element;
  };

  const show = (items) => {
    const own = ownLike(input.value);
    const repeated = new Set(own.map(({ text }) => words(text).join(" ")));
    const others = items.filter(({ kind, text }) => kind !== "phrase" || !repeated.has(words(text).join(" ")));
    const found = [...own, ...others];
    const kinds = [...new Set(found.map(({ kind }) => kind))].filter((kind) => labels[kind]);
    const groups = kinds.map((kind) => group(kind, found.filter((item) => item.kind === kind)));
    if (own.length) groups[0].append(option({ text: labels.forget, kind: "forget" }, "suggestion-forget"));
    list.replaceChildren(...groups);
    list.hidden = !groups.length;
    list.scrollTop = 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    const said = [labels.none, labels.one][found.length] ?? labels.many;
    status.textContent = said.replace("{}", found.length);
  };

  const suggest = async () => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    let items = [];
    try {
      if (input.value.trim().length > 1) {
        const answer = await fetch(`${labels.suggest}?q=${encodeURIComponent(input.value)}`, { signal });
        if (answer.ok) ({ items } = await answer.json());
      }
    } catch {
      // Typing went on, or the network did not answer: own searches are all there is to say.
    }
    if (!signal.aborted && document.activeElement === input) show(items);
  };

  // What a suggestion does: it opens a page, or searches its words.
  const follow = (chosen) => {
    const { kind, path } = chosen.dataset;
    close();
    if (kind === "forget") {
      forget();
      input.value = typed;
    } else if (path && kind !== "phrase") {
      input.value = typed;
      location.assign(path);
    } else {
      input.value = typed = chosen.textContent;
      input.form.requestSubmit();
    }
  };

  const walk = (step) => {
    const all = options();
    const before = all.indexOf(chosen());
    chosen()?.setAttribute("aria-selected", "false");
    // One place more than there are options: the box itself.
    const after = (before + 1 + step + all.length + 1) % (all.length + 1) - 1;
    const here = all[after];
    here?.setAttribute("aria-selected", "true");
    here?.scrollIntoView({ block: "nearest" });
    if (here) input.setAttribute("aria-activedescendant", here.id);
    else input.removeAttribute("aria-activedescendant");
    input.value = here && here.dataset.kind !== "forget" ? here.textContent : typed;
  };

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    typed = input.value;
    if (typed.trim().length < 2) close();
    else waiting = setTimeout(suggest, PAUSE);
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) walk(event.key === "ArrowDown" ? 1 : -1);
      else if (input.value.trim().length > 1 || ownSearches().length) suggest();
    } else if (event.key === "Escape" && open) {
      event.preventDefault(); // closes the list; pressed again, it empties the box
      input.value = typed;
      close();
    } else if (event.key === "Enter" && open && chosen()) {
      event.preventDefault();
      follow(chosen());
    } else if (event.key === "Enter" || event.key === "Tab") {
      close();
    }
  });

  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => {
    const clicked = event.target.closest("[role=option]");
    if (clicked) follow(clicked);
  });
  input.form.addEventListener("submit", () => keepSearch(input.value));
}
