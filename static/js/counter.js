// The clerk's counter by keyboard: function keys, and a scanned code that opens its dossier.
// Markup: templates/counter/. A key is written on the button it presses: data-key="F2".
import "./scanner.js";

function isVisible(element) {
  return element.checkVisibility?.() ?? element.offsetParent !== null;
}

function press(element) {
  if (element.matches("input:not([type=checkbox])")) {
    element.focus();
    element.select();
  } else if (element.matches("summary")) {
    const details = element.parentElement;
    details.open = true;
    details.querySelector("input, textarea, select, button")?.focus();
  } else {
    element.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !/^F\d+$/.test(event.key)) return;
  if (document.querySelector("dialog:modal")) return;
  const key = event.shiftKey ? `Shift+${event.key}` : event.key;
  const target = [...document.querySelectorAll(`[data-key="${key}"]`)].find(isVisible);
  if (!target) return;
  event.preventDefault();
  press(target);
});

// A person's card is sent, so that no number of a person stands in an address.
document.addEventListener("scan", (event) => {
  const box = document.querySelector("form[data-scan]");
  if (event.defaultPrevented || event.detail.kind !== "card" || !box) return;
  event.preventDefault();
  box.elements.code.value = event.detail.text;
  box.requestSubmit();
});

document.addEventListener("scan", (event) => {
  if (event.defaultPrevented || !["dossier", "slip"].includes(event.detail.kind)) return;
  const address = new URL(document.querySelector("[data-scan]")?.action ?? "/counter/open", location.href);
  address.searchParams.set("code", event.detail.text);
  location.assign(address);
});
