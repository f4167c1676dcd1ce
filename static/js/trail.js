// From a list to a row and back: the way back keeps the filters, and the rows beside it are one key away.
const KEY = "motcua-trail";
const list = document.querySelector("[data-look]");

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

if (list) {
  const rows = [...list.querySelectorAll(".row-link")].map((link) => link.getAttribute("href"));
  sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, url: location.pathname + location.search, rows }));
}

function step(crumbs, rows, here, distance) {
  const url = rows[here + distance];
  if (here < 0 || !url) return;
  const link = document.createElement("a");
  link.href = url;
  link.className = "crumb-step";
  link.textContent = distance < 0 ? "‹" : "›";
  link.dataset.hotkey = distance < 0 ? "[" : "]";
  link.title = distance < 0 ? crumbs.dataset.previous : crumbs.dataset.next;
  link.setAttribute("aria-label", link.title);
  link.dataset.keyLabel = link.title;
  crumbs.append(link);
}

const crumbs = document.querySelector(".crumbs");
const kept = read();
const up = crumbs?.querySelector("[data-hotkey]");
if (!list && up && up.getAttribute("href") === kept.path) {
  up.href = kept.url;
  const here = kept.rows.indexOf(location.pathname + location.search);
  step(crumbs, kept.rows, here, -1);
  step(crumbs, kept.rows, here, 1);
}
