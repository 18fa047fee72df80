// <archive-search>: a box that searches the archive this script comes from, with completion and ten results.
//
//   <script src="https://archives.exemple.fr/integration/archive-search.js" defer></script>
//   <archive-search label="Chercher dans nos archives"></archive-search>
//
// Attributes: label, filters (arguments of a search, such as "theme=Alimentation&type=Guide").
// CSS variables: --archive-accent, --archive-accent-ink, --archive-ink, --archive-soft, --archive-rule, --archive-paper,
// --archive-mark, --archive-focus, --archive-font, --archive-radius. It depends on nothing, sends no cookie, stores nothing.
(() => {
  const base = new URL("../", document.currentScript.src);
  const PAUSE = 150; // milliseconds without typing before completions are asked for
  const TEXTS = {
    label: "Chercher dans les archives",
    button: "Rechercher",
    suggestions: "Suggestions",
    failed: "La recherche ne répond pas pour l’instant. Réessayez dans un instant.",
    none: "Aucune ressource ne correspond à cette recherche.",
    all: "Voir tous les résultats dans les archives",
    open: "Ouvrir cette recherche dans les archives",
    untyped: "Sans type",
    undated: "Sans année",
    reserved: "réservée aux adhérents",
  };
  const CSS = `
    :host { display: block; color: var(--archive-ink, inherit); font-family: var(--archive-font, inherit); line-height: 1.5; }
    * { box-sizing: border-box; }
    label { display: block; margin-bottom: .25rem; font-weight: 600; }
    .row { display: flex; flex-wrap: wrap; gap: .5rem; }
    .field { position: relative; flex: 1 1 12rem; min-width: 0; }
    input { width: 100%; min-height: 2.75rem; padding: .25rem .75rem; border: 1px solid var(--archive-rule, #767676);
      border-radius: var(--archive-radius, 4px); background: var(--archive-paper, Canvas); color: inherit; font: inherit; }
    button { min-height: 2.75rem; padding: .25rem 1rem; border: 0; border-radius: var(--archive-radius, 4px);
      background: var(--archive-accent, #8a2f1b); color: var(--archive-accent-ink, #fff); font: inherit; font-weight: 600;
      cursor: pointer; }
    :focus-visible { outline: 3px solid var(--archive-focus, #1b5fb4); outline-offset: 2px; }
    [role=listbox] { position: absolute; z-index: 10; inset: 100% 0 auto; margin: .25rem 0 0; padding: .25rem 0;
      list-style: none; border: 1px solid var(--archive-rule, #767676); border-radius: var(--archive-radius, 4px);
      background: var(--archive-paper, Canvas); box-shadow: 0 4px 16px rgb(0 0 0 / .15); }
    [role=listbox][hidden] { display: none; }
    [role=option] { padding: .4rem .75rem; cursor: pointer; overflow-wrap: anywhere; }
    [role=option][aria-selected=true], [role=option]:hover { background: var(--archive-accent, #8a2f1b);
      color: var(--archive-accent-ink, #fff); }
    [role=status] { margin: .75rem 0 0; font-weight: 600; }
    [role=status]:empty { margin: 0; }
    ol { margin: .5rem 0 0; padding: 0; list-style: none; }
    li.hit { padding: .75rem 0; border-top: 1px solid var(--archive-rule, #d0d0d0); overflow-wrap: anywhere; }
    a { color: var(--archive-accent, #8a2f1b); }
    li.hit a { font-weight: 600; }
    p { margin: .25rem 0 0; }
    .facts { color: var(--archive-soft, #595959); font-size: .9375em; }
    mark { background: var(--archive-mark, #fbe69b); color: #22201d; }
    @media (prefers-color-scheme: dark) { a { color: var(--archive-accent, LinkText); } .facts { color: var(--archive-soft, inherit); } }
  `;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  let count = 0;

  function make(name, properties = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key in element && key !== "role") element[key] = value;
      else element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  }

  // Without credentials: the archive answers as it does to any visitor.
  async function ask(path, values, signal) {
    const address = new URL(path, base);
    for (const [name, value] of values) address.searchParams.append(name, value);
    const response = await fetch(address, { credentials: "omit", mode: "cors", signal });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }

  class ArchiveSearch extends HTMLElement {
    #box; #list; #status; #results; #timer; #asked; #searched; #active = -1;

    connectedCallback() {
      if (this.shadowRoot) return;
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      const id = `archive-${++count}`;
      this.#box = make("input", { id, type: "search", name: "q", autocomplete: "off", role: "combobox",
        "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}-list`, enterkeyhint: "search" });
      this.#list = make("ul", { id: `${id}-list`, role: "listbox", "aria-label": TEXTS.suggestions, hidden: true });
      this.#status = make("p", { role: "status" });
      this.#results = make("div");
      const form = make("form", { role: "search", action: new URL("./", base).href, method: "get" },
        make("label", { htmlFor: id }, this.getAttribute("label") || TEXTS.label),
        make("div", { className: "row" },
          make("div", { className: "field" }, this.#box, this.#list),
          make("button", { type: "submit" }, TEXTS.button)));
      root.append(form, this.#status, this.#results);
      form.addEventListener("submit", (event) => { event.preventDefault(); this.#search(); });
      this.#box.addEventListener("input", () => this.#later());
      this.#box.addEventListener("keydown", (event) => this.#key(event));
      this.#box.addEventListener("blur", () => this.#close());
      // Before the box loses the focus.
      this.#list.addEventListener("mousedown", (event) => {
        event.preventDefault();
        const option = event.target.closest("[role=option]");
        if (option) this.#choose(option.textContent);
      });
    }

    get #options() { return [...this.#list.children]; }

    get #filters() { return [...new URLSearchParams(this.getAttribute("filters") || "")]; }

    #later() {
      clearTimeout(this.#timer);
      this.#asked?.abort();
      const typed = this.#box.value.trim();
      if (!typed) return this.#close();
      this.#timer = setTimeout(() => this.#complete(typed), PAUSE);
    }

    async #complete(typed) {
      const asked = this.#asked = new AbortController();
      try {
        const found = await ask("api/v1/suggest", [["q", typed]], asked.signal);
        if (asked.signal.aborted) return;
        this.#list.replaceChildren(...found.suggestions.map((text, n) =>
          make("li", { id: `${this.#list.id}-${n}`, role: "option", "aria-selected": "false" }, text)));
        this.#show(found.suggestions.length > 0);
      } catch {
        this.#close(); // the box works without completion
      }
    }

    #show(open) {
      this.#active = -1;
      this.#list.hidden = !open;
      this.#box.setAttribute("aria-expanded", String(open));
      this.#box.removeAttribute("aria-activedescendant");
    }

    #close() {
      clearTimeout(this.#timer);
      this.#asked?.abort();
      this.#show(false);
    }

    #key(event) {
      const options = this.#options;
      if (event.key === "Escape" && !this.#list.hidden) {
        event.preventDefault();
        this.#close();
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !this.#list.hidden && options.length) {
        event.preventDefault();
        // One place more than options: the box itself, in which nothing is chosen.
        const places = options.length + 1;
        this.#active = (this.#active + 1 + (event.key === "ArrowDown" ? 1 : places - 1)) % places - 1;
        options.forEach((one, n) => one.setAttribute("aria-selected", String(n === this.#active)));
        if (this.#active < 0) this.#box.removeAttribute("aria-activedescendant");
        else this.#box.setAttribute("aria-activedescendant", options[this.#active].id);
      } else if (event.key === "Enter" && this.#active >= 0) {
        event.preventDefault();
        this.#choose(options[this.#active].textContent);
      }
    }

    #choose(text) {
      this.#box.value = text;
      this.#search();
    }

    async #search() {
      this.#close();
      this.#searched?.abort();
      const searched = this.#searched = new AbortController();
      const values = [["q", this.#box.value.trim()], ...this.#filters];
      try {
        const found = await ask("api/v1/search", [...values, ["per_page", "10"]], searched.signal);
        if (!searched.signal.aborted) this.#fill(found, values);
      } catch {
        if (searched.signal.aborted) return;
        this.#status.textContent = TEXTS.failed;
        this.#results.replaceChildren();
      }
    }

    #fill(found, values) {
      const total = found.total.toLocaleString("fr-FR");
      this.#status.textContent = found.total
        ? `${total} ressource${found.total > 1 ? "s" : ""}${found.corrected ? ` pour « ${found.query} »` : ""}`
        : TEXTS.none;
      const arguments_ = new URLSearchParams(values).toString();
      const hits = found.hits.map((hit) => make("li", { className: "hit" },
        make("a", { href: new URL(`ressources/${encodeURIComponent(hit.id)}?${arguments_}`, base).href }, hit.title),
        make("p", { className: "facts" }, [hit.type ?? TEXTS.untyped, hit.year ?? TEXTS.undated,
          ...(hit.private ? [TEXTS.reserved] : [])].join(", ")),
        ...(hit.snippet.length ? [make("p", {}, ...hit.snippet.map(([text, matched]) =>
          matched ? make("mark", {}, text) : text))] : [])));
      const whole = make("a", { href: new URL(`./?${arguments_}`, base).href },
        found.total > hits.length ? TEXTS.all : TEXTS.open);
      this.#results.replaceChildren(...(hits.length ? [make("ol", {}, ...hits)] : []), make("p", {}, whole));
    }
  }

  if (!customElements.get("archive-search")) customElements.define("archive-search", ArchiveSearch);
})();
