// Panels beside a list: what is loaded into the drawer opens it; columns are put in order by mouse or keyboard.
const panel = document.getElementById("panel");
let wanted = "";

document.addEventListener("click", (event) => {
  wanted = event.target.closest("[data-panel-focus]")?.dataset.panelFocus ?? "";
});

function first() {
  const filter = wanted && panel.querySelector(`[data-filter="${CSS.escape(wanted)}"]`);
  if (filter) return filter.querySelector("input:not([type=hidden]), select");
  const title = panel.querySelector("[data-look-title]");
  if (title) return title;
  const groups = panel.querySelectorAll(".filter-group");
  return (groups[groups.length - 1] ?? panel).querySelector("summary, input:not([type=hidden]), select");
}

document.addEventListener("htmx:after:swap", (event) => {
  if (!panel || event.detail.ctx?.target !== panel) return;
  if (!panel.matches(":popover-open")) panel.showPopover();
  for (const list of panel.querySelectorAll("[data-columns]")) equip(list);
  first()?.focus();
});

panel?.addEventListener("toggle", (event) => {
  if (event.newState === "closed") panel.replaceChildren();
});

// Columns: a button up and a button down on each; Alt with an arrow does the same.
function move(item, step) {
  const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(item);
  else other.after(item);
}

function button(list, picture, label, step) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button--icon";
  made.textContent = picture;
  made.title = label;
  made.addEventListener("click", () => {
    move(made.closest("li"), step);
    made.focus();
  });
  return made;
}

function equip(list) {
  for (const item of list.children) {
    const name = item.textContent.trim();
    for (const [picture, label, step] of [["↑", list.dataset.up, -1], ["↓", list.dataset.down, 1]]) {
      const made = button(list, picture, label, step);
      made.setAttribute("aria-label", `${label}: ${name}`);
      item.append(made);
    }
  }
  list.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || !event.altKey) return;
    event.preventDefault();
    const focused = document.activeElement;
    move(focused.closest("li"), step);
    focused.focus();
  });
}

for (const list of document.querySelectorAll("[data-columns]")) equip(list);
