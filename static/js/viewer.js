// Scans beside the form: attached by key, button or dropping them, seen page by page as pictures that the server drew.
// Markup: templates/scans/. Keys work in the viewer, and with Alt wherever the focus is (arrows and Space are the browser's).
const ZOOMS = [1, 1.5, 2, 3];
const viewer = document.querySelector("[data-viewer]");
const panel = document.querySelector("[data-scans]");
const state = { item: null, page: 1, zoom: 0, turn: 0 };

if (viewer && panel) {
  equipViewer();
  equipPanel();
}

function token() {
  return document.querySelector("[name=csrf_token]").value;
}

function items() {
  return [...panel.querySelectorAll("[data-scan-item]")];
}

// -- The viewer ---------------------------------------------------------------------------------------------------------
function open(item, page = 1) {
  Object.assign(state, { item, page, zoom: 0, turn: 0 });
  viewer.hidden = false;
  document.body.classList.add("has-viewer");
  viewer.querySelector("[data-viewer-name]").textContent = item.querySelector(".scan-name").textContent;
  show();
}

function show() {
  const { item, page } = state;
  const pages = Number(item.dataset.pages);
  const picture = viewer.querySelector("[data-viewer-picture]");
  const address = `${item.dataset.address}${page}.jpg`;
  const label = `${page} / ${pages}`;
  if (picture.getAttribute("src") !== address) picture.src = address;
  picture.alt = `${item.querySelector(".scan-name").textContent}, ${label}`;
  viewer.querySelector("[data-viewer-page]").textContent = label;
  viewer.querySelector("[data-view=check]").setAttribute("aria-pressed", String("checked" in item.dataset));
  viewer.querySelector("[data-view=check]").hidden = !item.dataset.check;
  adjust();
}

function adjust() {
  const picture = viewer.querySelector("[data-viewer-picture]");
  const isLying = state.turn % 180 !== 0;
  const scale = ZOOMS[state.zoom];
  picture.style.width = `${scale * 100}%`;
  const shift = isLying && picture.naturalWidth ? ((picture.naturalWidth / picture.naturalHeight) * picture.height - picture.height) / 2 : 0;
  picture.style.transform = `translateY(${shift}px) rotate(${state.turn}deg)`;
}

function step(by) {
  const all = items();
  const pages = Number(state.item.dataset.pages);
  const page = state.page + by;
  if (page >= 1 && page <= pages) state.page = page;
  else {
    const other = all[all.indexOf(state.item) + by]; // past the end comes the next scan
    if (!other) return;
    return open(other, by > 0 ? 1 : Number(other.dataset.pages));
  }
  viewer.querySelector("[data-viewer-paper]").scrollTo(0, 0);
  show();
}

async function check() {
  const { item } = state;
  if (!item.dataset.check) return;
  const isChecked = !("checked" in item.dataset);
  const body = new URLSearchParams({ csrf_token: token(), is_checked: isChecked ? "1" : "0" });
  const answer = await fetch(item.dataset.check, { method: "POST", body });
  if (!answer.ok) return;
  item.toggleAttribute("data-checked", isChecked);
  const paper = item.dataset.forPaper && document.querySelector(`[name="paper-${item.dataset.forPaper}"]`);
  if (paper && isChecked && !paper.checked) paper.click();
  show();
}

function close() {
  viewer.hidden = true;
  document.body.classList.remove("has-viewer");
  state.item?.querySelector("[data-open-scan]")?.focus();
}

const ACTS = {
  next: () => step(1),
  previous: () => step(-1),
  in: () => zoom(1),
  out: () => zoom(-1),
  rotate: () => {
    state.turn = (state.turn + 90) % 360;
    adjust();
  },
  check,
  close,
};

function zoom(by) {
  state.zoom = Math.min(Math.max(state.zoom + by, 0), ZOOMS.length - 1);
  adjust();
}

const KEYS = { PageDown: "next", ArrowRight: "next", PageUp: "previous", ArrowLeft: "previous", Equal: "in", NumpadAdd: "in",
  Minus: "out", NumpadSubtract: "out", KeyR: "rotate", KeyT: "check", Space: "check", Escape: "close" }; // prettier-ignore

function equipViewer() {
  viewer.addEventListener("click", (event) => {
    const act = event.target.closest("[data-view]")?.dataset.view;
    if (act) ACTS[act]();
  });
  viewer.querySelector("[data-viewer-picture]").addEventListener("load", adjust);
  document.addEventListener("keydown", (event) => {
    if (viewer.hidden || event.ctrlKey || event.metaKey || document.querySelector("dialog:modal")) return;
    const isInside = viewer.contains(event.target) && !event.altKey;
    const isOpenList = event.target.getAttribute?.("aria-expanded") === "true";
    const isFromAfar = event.altKey ? !/^(Arrow|Space)/.test(event.code) : event.code === "Escape" && !isOpenList;
    const act = KEYS[event.code];
    const isButton = event.target.matches("button") && event.code === "Space";
    if (!act || !(isInside || isFromAfar) || isButton) return;
    event.preventDefault();
    event.stopPropagation();
    ACTS[act]();
  });
}

// -- The list -----------------------------------------------------------------------------------------------------------
async function send(address, body, list) {
  body.set("csrf_token", token());
  list.setAttribute("aria-busy", "true");
  const before = list.innerHTML;
  const note = document.createElement("p");
  note.className = "muted";
  note.textContent = list.dataset.busyText;
  list.append(note);
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    list.innerHTML = await answer.text();
  } catch {
    list.innerHTML = before;
    note.textContent = list.dataset.failedText;
    note.className = "field-error";
    list.append(note);
  } finally {
    list.removeAttribute("aria-busy");
  }
}

async function attach(files, paper = "") {
  const known = new Set(items().map((item) => item.dataset.scanItem));
  const body = new FormData();
  body.set("key", panel.dataset.keyValue);
  body.set("paper", paper);
  for (const file of files) body.append("file", file);
  await send(panel.dataset.url, body, panel.querySelector("[data-scan-list]"));
  const added = items().find((item) => !known.has(item.dataset.scanItem));
  if (added) open(added);
}

function equipPanel() {
  const list = panel.querySelector("[data-scan-list]");
  const chooser = panel.querySelector("[data-scan-files]");
  panel.addEventListener("click", (event) => {
    const item = event.target.closest("[data-open-scan]")?.closest("[data-scan-item]");
    const removed = event.target.closest("[data-remove-scan]");
    if (item) {
      open(item);
      viewer.focus();
    } else if (removed) {
      if (state.item === removed.closest("[data-scan-item]")) close();
      send(removed.dataset.removeScan, new FormData(), list);
    }
  });
  if (!chooser) return;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add-scan]");
    if (!button) return;
    chooser.dataset.paper = button.dataset.addScan;
    chooser.value = "";
    chooser.click();
  });
  chooser.addEventListener("change", () => chooser.files.length && attach(chooser.files, chooser.dataset.paper));
  for (const kind of ["dragover", "drop"]) {
    panel.addEventListener(kind, (event) => {
      event.preventDefault();
      panel.classList.toggle("is-over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) attach(event.dataTransfer.files);
    });
  }
  panel.addEventListener("dragleave", () => panel.classList.remove("is-over"));
}
