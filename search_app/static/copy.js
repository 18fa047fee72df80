// Copies a text of the page in one click: that of the element, or the value of the field, whose id the button names.

const told = document.getElementById("copie-dite");
// The same words beside the button, for those who see it: the page may have others, far away.
const shown = document.createElement("span");
shown.className = "hint";
shown.setAttribute("aria-hidden", "true");

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const text = source.value ?? source.textContent;
  const done = (await write(text)) || select(source, text);
  const said = done ? button.dataset.copied : "Texte choisi\u00a0: copiez-le avec Ctrl + C.";
  button.after(shown);
  shown.textContent = ` ${said}`;
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

// The way of older browsers; where it is refused too, the text is left selected.
function select(source, text) {
  source.closest("details")?.setAttribute("open", "");
  getSelection().selectAllChildren(source);
  source.select?.();
  // Browsers copy the no-break spaces of a selection as plain ones.
  const exactly = (event) => {
    event.preventDefault();
    event.clipboardData.setData("text/plain", text);
  };
  document.addEventListener("copy", exactly, { once: true });
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    document.removeEventListener("copy", exactly);
  }
}
