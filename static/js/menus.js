// Drop-down menus close on Escape and on a press elsewhere; keys reach what they name.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("[data-drop][open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("[data-drop][open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

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

// data-hotkey="n" on a link or button presses it, on a field moves there. Letters alone work only outside of fields.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  const key = name(event);
  if (!key.startsWith("ctrl+") && (typing(event.target) || event.altKey)) return;
  const found = document.querySelector(`[data-hotkey="${CSS.escape(key)}"]`);
  if (!found) return;
  event.preventDefault();
  if (found.matches("input, select, textarea")) {
    found.focus();
    found.select?.();
  } else {
    found.click();
  }
});

// A long menu shows where one is.
document.querySelector(".rail [aria-current]")?.scrollIntoView({ block: "nearest" });

// A filter drawer that opens takes the focus, so that the keyboard goes on there.
for (const drawer of document.querySelectorAll(".drawer")) {
  drawer.addEventListener("toggle", (event) => {
    if (event.newState === "open") drawer.querySelector(".drawer-body :is(input, select):not([type=hidden])")?.focus();
  });
}

// "Back to where I was" on pages that may be met without a history.
for (const button of document.querySelectorAll("[data-back]")) {
  button.hidden = history.length < 2;
  button.addEventListener("click", () => history.back());
}
