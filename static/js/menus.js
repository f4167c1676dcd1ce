// Drop-down menus close on Escape and on a press elsewhere.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("[data-drop][open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("[data-drop][open]");
  if (!open) return;
  event.preventDefault();
  open.open = false;
  open.querySelector("summary").focus();
});

// A long menu shows where one is.
document.querySelector(".rail [aria-current]")?.scrollIntoView({ block: "nearest" });

// "Back to where I was" on pages that may be met without a history.
for (const button of document.querySelectorAll("[data-back]")) {
  button.hidden = history.length < 2;
  button.addEventListener("click", () => history.back());
}
