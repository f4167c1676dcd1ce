// Buttons with data-confirm ask first, in our own dialog; forms with data-once are sent once.
const dialog = document.getElementById("asking");

function ask(text, label, danger) {
  const yes = dialog.querySelector("[data-asking-yes]");
  dialog.querySelector("#asking-text").textContent = text;
  yes.textContent = label;
  yes.classList.toggle("button--danger", danger);
  dialog.returnValue = "no";
  dialog.showModal();
  (danger ? dialog.querySelector("[data-asking-no]") : yes).focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-confirm]");
  if (!button || !dialog || button.dataset.confirmed) return;
  event.preventDefault();
  if (!(await ask(button.dataset.confirm, button.textContent.trim(), button.classList.contains("button--danger")))) return;
  button.dataset.confirmed = "yes";
  button.click();
  delete button.dataset.confirmed;
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-once]");
  if (!form || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.querySelector("button:not([type=button])")?.setAttribute("aria-busy", "true");
});

// A page shown again from the browser's memory can be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});
