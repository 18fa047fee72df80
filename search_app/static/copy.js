// Copies a text of the page in one click: that of the element, or the value of the field, whose id the button names.

const told = document.getElementById("copie-dite");

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const text = source.value ?? source.textContent;
  const done = (await write(text)) || select(source, text);
  const said = done ? button.dataset.copied : "Texte choisi : copiez-le avec Ctrl + C.";
  told.textContent = "";
  setTimeout(() => { told.textContent = said; }, 50);
});

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // not over plain HTTP, or not allowed by the reader
  }
}

// The way of older browsers; where it is refused too, the text is left selected. What they copy of a selection has lost
// its no-break spaces.
function select(source, text) {
  source.closest("details")?.setAttribute("open", "");
  getSelection().selectAllChildren(source);
  source.select?.();
  document.addEventListener("copy", (event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  }, { once: true });
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  }
}
