// Choosing rows of a list: a box before each row, one for the page, X for the row in hand, Shift for all in between.
const bar = document.querySelector("[data-selection]");
const table = bar && document.querySelector(".list-page > .sheet [data-rows]");

function box(label) {
  const input = document.createElement("input");
  input.type = "checkbox";
  input.className = "pick";
  input.setAttribute("aria-label", label);
  return input;
}

function keyOf(link) {
  return new URL(link.href).searchParams.get("id");
}

const boxes = [];
let last = 0;
let all = false;
let page;

function show() {
  const chosen = boxes.filter((one) => one.checked).length;
  bar.hidden = !chosen;
  bar.elements.all.value = all ? "1" : "";
  bar.querySelector("[data-picked-text]").textContent = all ? bar.dataset.all : bar.dataset.picked.replace("{}", chosen);
  const more = bar.querySelector("[data-pick-all]");
  if (more) more.hidden = all || chosen < boxes.length;
  page.checked = chosen === boxes.length;
  page.indeterminate = chosen > 0 && !page.checked;
  for (const one of boxes) one.closest("tr").classList.toggle("is-picked", one.checked);
}

function pick(place, checked, isRange) {
  const [from, to] = isRange ? [Math.min(last, place), Math.max(last, place)] : [place, place];
  for (const one of boxes.slice(from, to + 1)) one.checked = checked;
  last = place;
  all = false;
  show();
}

function pickPage(checked) {
  for (const one of boxes) one.checked = checked;
  all = false;
  show();
}

function prepare() {
  for (const link of table.querySelectorAll("tbody .row-link")) {
    const one = box(bar.dataset.pick.replace("{}", link.textContent.trim()));
    one.value = keyOf(link);
    one.name = "key";
    one.setAttribute("form", bar.id);
    one.addEventListener("click", (event) => pick(boxes.indexOf(one), one.checked, event.shiftKey));
    boxes.push(one);
    link.before(one);
  }
  page = box(bar.dataset.pickPage);
  page.addEventListener("click", () => pickPage(page.checked));
  table.tHead.rows[0].cells[0].prepend(page);
  bar.querySelector("[data-pick-all]")?.addEventListener("click", () => {
    all = true;
    show();
  });
  bar.querySelector("[data-pick-whole]")?.addEventListener("click", () => pickPage(true));
  bar.querySelector("[data-pick-none]").addEventListener("click", () => pickPage(false));
}

document.addEventListener("keydown", (event) => {
  if (!boxes.length || event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest?.("[data-rows] tbody tr");
  const place = row ? boxes.findIndex((one) => row.contains(one)) : -1;
  if (place < 0) return;
  event.preventDefault();
  pick(place, event.shiftKey || !boxes[place].checked, event.shiftKey);
});

if (table && table.querySelector(".row-link")) {
  prepare();
  show();
}
