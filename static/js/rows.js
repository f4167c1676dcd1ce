// Lists by mouse and keyboard: a press anywhere on a row opens it; J and K (or the arrows) go up and down, Enter opens.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-rows] tbody tr")?.querySelector(".row-link");
  if (!link || event.defaultPrevented || event.target.closest("a, button, input, label")) return;
  if (!getSelection().isCollapsed) return;
  if (event.ctrlKey || event.metaKey) open(link.href, "_blank", "noopener");
  else location.assign(link.href);
});

const STEPS = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

function step(event) {
  const inList = event.target.closest("[data-rows]");
  const step = STEPS[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.startsWith("Arrow") && !inList) return;
  if (!inList && event.target !== document.body && event.target.closest("input, textarea, select, dialog[open], [popover]:popover-open")) return;
  const links = [...(inList ?? document).querySelectorAll(".row-link")];
  if (!links.length) return;
  const here = links.indexOf(event.target.closest("tr")?.querySelector(".row-link"));
  event.preventDefault();
  links[here < 0 ? 0 : Math.min(Math.max(here + step, 0), links.length - 1)].focus();
}

document.addEventListener("keydown", step);

// Empty inputs of a search form do not make the address longer.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-skip-empty]")) return;
  for (const [name, value] of [...event.formData]) {
    if (value === "" && event.formData.getAll(name).every((one) => one === "")) event.formData.delete(name);
  }
});
