// Tables that are narrow become cards (list.css): each value gets the name of its column, and the table keeps its roles,
// which browsers forget where a table is no longer drawn as one. Tables that say both themselves are left alone.
function name(table) {
  const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  table.setAttribute("role", "table");
  for (const group of [table.tHead, ...table.tBodies]) group.setAttribute("role", "rowgroup");
  for (const row of table.rows) {
    row.setAttribute("role", "row");
    for (const cell of row.cells) {
      cell.setAttribute("role", cell.tagName === "TH" ? "columnheader" : "cell");
      if (cell.tagName === "TD") cell.dataset.label = names[cell.cellIndex] ?? "";
    }
  }
  table.dataset.named = "";
}

const seen = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (getComputedStyle(target).display !== "table" && !("named" in target.dataset)) name(target);
  }
});

function watch(root) {
  for (const table of root.querySelectorAll("table.grid-table:not([role])")) seen.observe(table);
}

watch(document);
document.addEventListener("htmx:after:swap", () => watch(document));
