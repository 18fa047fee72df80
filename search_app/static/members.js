// Adding to a list without a page load: focus and place stay, and the count is said aloud. On any trouble the browser
// sends the form itself. Words that people read come from the site.

const told = document.getElementById("choix-dit");
const menu = document.getElementById("menu-selection");
const french = new Intl.NumberFormat("fr-FR");

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form.select") || event.defaultPrevented) return;
  event.preventDefault();
  const button = event.submitter ?? form.querySelector("button");
  if (form.hasAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form));
    body.set("action", button.value);
    // Not `form.action`, which is the button of that name.
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    show(form, button, await answer.json());
    form.removeAttribute("aria-busy");
  } catch {
    const action = document.createElement("input");
    action.type = "hidden";
    action.name = "action";
    action.value = button.value;
    form.append(action);
    form.submit();
  }
});

function show(form, button, { chosen, label, count, said }) {
  button.value = chosen ? "remove" : "add";
  form.querySelector("[data-label]").textContent = label;
  const size = `(${french.format(count)} ressource${count > 1 ? "s" : ""})`;
  // What other buttons say of the list holds no longer.
  for (const one of document.querySelectorAll("form.select [data-count]")) if (one.textContent.trim()) one.textContent = size;
  form.querySelector("[data-count]").textContent = chosen ? size : "";
  menu.textContent = count ? ` (${french.format(count)})` : "";
  // The same words twice would not be said twice.
  told.textContent = "";
  setTimeout(() => { told.textContent = said; }, 50);
}
