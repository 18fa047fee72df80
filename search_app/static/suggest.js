// Completion in the search box (the ARIA pattern « combobox with list autocomplete »), and « / » that leads to it.
// Without this script, or without an answer, the box is a plain one. Words that people read come from the page.

const PAUSE = 120; // milliseconds without typing before asking
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

// One-key shortcuts can be turned off, on the page of help (RGAA 12.10).
const choice = document.getElementById("raccourci");
if (choice) {
  choice.checked = shortcut();
  choice.addEventListener("change", () => remember(choice.checked));
}

function shortcut() {
  try {
    return localStorage.getItem("raccourci") !== "non";
  } catch {
    return true; // nothing can be kept in this browser
  }
}

function remember(wanted) {
  try {
    localStorage.setItem("raccourci", wanted ? "oui" : "non");
  } catch {
    // Nothing can be kept: the choice holds for this page.
  }
}

function say(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

function complete(input, holder) {
  const words = holder.dataset;
  const list = document.createElement("ul");
  const status = document.createElement("p");
  Object.assign(list, { id: "q-suggestions", className: "suggestions", hidden: true });
  say(list, { role: "listbox", "aria-label": words.label });
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

  const options = () => [...list.children];
  const chosen = () => list.querySelector("[aria-selected=true]");

  const close = () => {
    clearTimeout(waiting);
    asking?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const show = (suggestions) => {
    const found = suggestions.map((text, rank) => {
      const option = document.createElement("li");
      Object.assign(option, { id: `suggestion-${rank}`, textContent: text });
      say(option, { role: "option", "aria-selected": "false" });
      return option;
    });
    list.replaceChildren(...found);
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    const said = [words.none, words.one][found.length] ?? words.many;
    status.textContent = said.replace("{}", found.length);
  };

  const suggest = async () => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await fetch(`${words.suggest}?q=${encodeURIComponent(input.value)}`, { signal });
      const { suggestions } = answer.ok ? await answer.json() : { suggestions: [] };
      if (!signal.aborted && document.activeElement === input) show(suggestions);
    } catch {
      // Typing went on, or the network did not answer: nothing to say.
    }
  };

  const walk = (step) => {
    const all = options();
    const before = all.indexOf(chosen());
    chosen()?.setAttribute("aria-selected", "false");
    // One place more than there are options: the box itself.
    const after = (before + 1 + step + all.length + 1) % (all.length + 1) - 1;
    const option = all[after];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    input.value = option?.textContent ?? typed;
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
      else if (input.value.trim().length > 1) suggest();
    } else if (event.key === "Escape" && open) {
      event.preventDefault(); // closes the list; pressed again, it empties the box
      input.value = typed;
      close();
    } else if (event.key === "Enter" || event.key === "Tab") {
      close();
    }
  });

  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    input.value = typed = option.textContent;
    close();
    input.form.requestSubmit();
  });
}
