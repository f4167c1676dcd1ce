// Choosing rows: X chooses the row that has the focus, the box above chooses all; the bar says how many are chosen.
const table = document.querySelector("[data-choose]");
const bar = document.querySelector("[data-chosen-bar]");

function boxes() {
  return [...table.querySelectorAll("tbody input[type=checkbox]")];
}

function show() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked).length;
  bar.toggleAttribute("data-has-chosen", chosen > 0);
  bar.querySelector("[data-chosen-count]").textContent = String(chosen);
  for (const button of bar.querySelectorAll("button")) button.disabled = chosen === 0;
  const head = table.querySelector("thead input[type=checkbox]");
  if (head) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
}

if (table && bar) {
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-choose] input[type=checkbox]")) return;
    if (event.target.closest("thead")) for (const box of boxes()) box.checked = event.target.checked;
    show();
  });
  table.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
    const box = event.target.closest("tr")?.querySelector("input[type=checkbox]");
    if (!box) return;
    box.checked = !box.checked;
    event.preventDefault();
    show();
  });
  addEventListener("pageshow", show);
  show();
}
