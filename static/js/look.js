// A quick look at a row: Space on it, or the eye that appears in it; J and K go on to the next without leaving the list.
const page = document.querySelector("[data-look]");
const drawer = document.getElementById("panel");
let shown = null;

function links() {
  return [...page.querySelectorAll(".row-link")].filter((link) => link.href.includes("/details/?"));
}

function look(link) {
  if (!link) return;
  shown?.closest("tr").removeAttribute("aria-current");
  shown = link;
  link.closest("tr").setAttribute("aria-current", "true");
  link.scrollIntoView({ block: "nearest" });
  htmx.ajax("GET", link.href.replace("/details/?", "/look/?"), { target: "#panel", swap: "innerHTML" });
}

function isOpen() {
  return drawer.matches(":popover-open") && drawer.querySelector("[data-look-title]");
}

function made() {
  const eye = document.createElement("button");
  eye.type = "button";
  eye.className = "look-eye";
  eye.title = page.dataset.look;
  eye.setAttribute("aria-label", page.dataset.look);
  eye.textContent = "👁";
  eye.addEventListener("click", () => look(eye.closest("tr").querySelector(".row-link")));
  return eye;
}

function follow(eye, event) {
  const link = event.target.closest?.("tr")?.querySelector(".row-link");
  if (!link || !links().includes(link) || eye.closest("tr") === link.closest("tr")) return;
  link.after(eye);
}

function key(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const link = document.activeElement?.closest?.("tr")?.querySelector(".row-link");
  if (event.key === " " && document.activeElement === link && links().includes(link)) {
    event.preventDefault();
    return look(link);
  }
  if (!isOpen()) return;
  const step = { j: 1, k: -1 }[event.key];
  if (event.key === " " && drawer.contains(event.target) && !event.target.closest("button, a, input")) drawer.hidePopover();
  else if (step) look(links()[links().indexOf(shown) + step]);
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

if (page && drawer) {
  const eye = made();
  for (const kind of ["pointerover", "focusin"]) page.addEventListener(kind, (event) => follow(eye, event));
  addEventListener("keydown", key, true);
  drawer.addEventListener("toggle", (event) => {
    if (event.newState !== "closed" || !shown) return;
    shown.closest("tr").removeAttribute("aria-current");
    shown.focus();
    shown = null;
  });
}
