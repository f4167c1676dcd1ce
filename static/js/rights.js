// The table of a role's rights: rows by typed words, what was changed, Alt and arrows from cell to cell.

const table = document.querySelector("[data-rights]");
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("đ", "d");

function isChanged(right) {
  const select = right.querySelector("select");
  const level = right.querySelector("input[type=number]");
  const before = [...select.options].find((option) => option.defaultSelected)?.value ?? "";
  return select.value !== before || (select.value !== "" && level !== null && level.value !== level.defaultValue);
}

function show() {
  let changed = 0;
  for (const right of table.querySelectorAll("[data-right]")) {
    const differs = isChanged(right);
    right.classList.toggle("is-changed", differs);
    right.classList.toggle("is-held", right.querySelector("select").value !== "");
    changed += differs;
  }
  const count = document.querySelector("[data-rights-count]");
  if (count) {
    count.hidden = changed === 0;
    count.querySelector("strong").textContent = changed;
  }
}

function move(from, key) {
  const cell = from.closest("td");
  const row = cell.parentElement;
  const column = [...row.cells].indexOf(cell);
  const step = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    for (let at = column + step; at >= 0 && at < row.cells.length; at += step) {
      if (focusIn(row.cells[at])) return;
    }
    return;
  }
  const rows = [...table.rows].filter((one) => !one.parentElement.hidden);
  for (let at = rows.indexOf(row) + step; at >= 0 && at < rows.length; at += step) {
    if (focusIn(rows[at].cells[column])) return;
  }
}

function focusIn(cell) {
  const target = cell?.querySelector("select:not(:disabled)");
  target?.focus();
  return Boolean(target);
}

table.addEventListener("change", show);
table.addEventListener("input", show);
table.addEventListener("keydown", (event) => {
  if (event.altKey && event.key.startsWith("Arrow") && event.target.closest("td")) {
    event.preventDefault();
    move(event.target, event.key);
  }
});
document.querySelector("[data-rights-filter]").addEventListener("input", (event) => {
  const words = fold(event.target.value).split(/\s+/).filter(Boolean);
  for (const body of table.tBodies) {
    const text = fold(body.dataset.text);
    body.hidden = !words.every((word) => text.includes(word));
  }
});
document.querySelector("[data-rights-filter]").addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault(); // it filters, it does not save
});
