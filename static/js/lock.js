// Locks the page after idleness with everything on it intact, and opens it again with the password.
const dialog = document.getElementById("lock");
const form = dialog.querySelector("form");
const error = dialog.querySelector("[data-lock-error]");
const idleMs = Number(dialog.dataset.idleSeconds) * 1000;
const aliveMs = Math.min(idleMs / 4, 5 * 60 * 1000);
const tabs = new BroadcastChannel("motcua-lock");
const SEEN = "motcua-seen"; // when anybody last did something in any tab, in milliseconds
let told = Date.now();

function seen() {
  return Number(localStorage.getItem(SEEN)) || 0;
}

function note() {
  if (!dialog.open) localStorage.setItem(SEEN, String(Date.now()));
}

function show() {
  if (dialog.open) return;
  document.querySelectorAll("dialog[open]").forEach((other) => other.close());
  document.documentElement.dataset.locked = "";
  error.hidden = true;
  dialog.showModal();
  form.elements.password.focus();
}

function hide() {
  delete document.documentElement.dataset.locked;
  form.elements.password.value = "";
  dialog.close();
  note();
}

function complain(text) {
  error.querySelector("div").textContent = text;
  error.hidden = false;
  form.elements.password.select();
}

function post(url, body) {
  return fetch(url, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value } });
}

async function lock() {
  show();
  tabs.postMessage("locked");
  await post(dialog.dataset.lockUrl).catch(() => {}); // without a network the server locks by itself
}

async function stay() {
  told = Date.now();
  const answer = await fetch(dialog.dataset.aliveUrl, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.status === 401) show();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await post(form.action, new FormData(form)).catch(() => null);
  if (!answer) return complain(dialog.dataset.offlineText);
  const said = await answer.json().catch(() => ({}));
  if (said.unlocked) {
    hide();
    tabs.postMessage("unlocked");
  } else if (answer.status === 401 || answer.status === 400) {
    location.assign(`${dialog.dataset.signInUrl}?why=expired&next=${encodeURIComponent(location.pathname + location.search)}`);
  } else complain(said.message ?? dialog.dataset.offlineText);
});

dialog.addEventListener("cancel", (event) => event.preventDefault());
document.addEventListener("motcua:locked", show);
tabs.addEventListener("message", ({ data }) => (data === "locked" ? show() : dialog.open && hide()));
for (const kind of ["pointerdown", "keydown", "wheel"]) document.addEventListener(kind, note, { passive: true });
document.addEventListener("click", (event) => event.target.closest("[data-lock]") && lock());
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.altKey && event.key.toLowerCase() === "l") lock();
});
addEventListener("pageshow", (event) => event.persisted && stay());

note();
setInterval(() => {
  if (dialog.open) return;
  const idle = Date.now() - seen();
  if (idle >= idleMs) lock();
  else if (Date.now() - told >= aliveMs && idle < aliveMs) stay();
}, 5000);
