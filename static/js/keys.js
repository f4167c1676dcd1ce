// Keys: data-hotkey="n" presses a link or button, or moves into a field; "g s" is one key after the other, "u|escape" either.
// Letters work outside of fields only, and never while an input method (Telex, VNI) is composing.
// data-key="J K" names keys that other scripts answer to, for the sheet of keys.
const PAUSE_MS = 1500;
const sheet = document.getElementById("keys");
let before = "";
let timer;

function typing(target) {
  return target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio], [type=button]), textarea, select");
}

function name(event) {
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("ctrl");
  if (event.altKey) parts.push("alt");
  parts.push(event.key.toLowerCase());
  return parts.join("+");
}

function keysOf(element) {
  return element.dataset.hotkey.split("|");
}

// In an open panel its own keys go first.
function find(key) {
  const all = [...document.querySelectorAll("[data-hotkey]")].filter((one) => keysOf(one).includes(key));
  return all.find((one) => one.closest("[popover]:popover-open")) ?? all[0];
}

function act(element) {
  if (!element.matches("input, select, textarea")) return element.click();
  element.focus();
  element.select?.();
}

function isBusy(event, key) {
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return true;
  if (document.querySelector("dialog[open]")) return true;
  if (key === "escape" && document.querySelector("[popover]:popover-open")) return true;
  return !key.startsWith("ctrl+") && (typing(event.target) || event.altKey);
}

document.addEventListener("keydown", (event) => {
  const key = name(event);
  if (isBusy(event, key)) return;
  const found = (before && find(`${before} ${key}`)) || find(key);
  clearTimeout(timer);
  before = found || key.length > 1 ? "" : key;
  timer = setTimeout(() => (before = ""), PAUSE_MS);
  if (!found) return;
  event.preventDefault();
  act(found);
});

// The sheet says exactly what exists on the page and can be seen.
const WORDS = { escape: "Esc", "ctrl+k": "Ctrl K" };

function label(element) {
  const copy = element.cloneNode(true);
  for (const extra of copy.querySelectorAll("kbd, .count")) extra.remove();
  const icon = copy.querySelector("[aria-label]")?.getAttribute("aria-label");
  return element.dataset.keyLabel || copy.textContent.trim() || element.placeholder || element.title || icon || "";
}

function line(keys, text) {
  const term = document.createElement("dt");
  for (const key of keys) {
    const kbd = document.createElement("kbd");
    kbd.textContent = WORDS[key] ?? (key.length === 1 ? key.toUpperCase() : key);
    term.append(kbd, " ");
  }
  const words = document.createElement("dd");
  words.textContent = text;
  return [term, words];
}

function fill() {
  const lines = [];
  for (const element of document.querySelectorAll("[data-hotkey], [data-key]")) {
    if (!element.getClientRects().length && !element.closest("[data-drop]")) continue;
    const keys = [...(element.dataset.key ? [element.dataset.key] : []), ...(element.dataset.hotkey ? keysOf(element) : [])];
    const text = label(element);
    if (text) lines.push(...line(keys, text));
  }
  sheet.querySelector("[data-key-list]").replaceChildren(...lines);
}

document.addEventListener("click", (event) => {
  if (!sheet || !event.target.closest("[data-keys]")) return;
  fill();
  sheet.showModal();
});
