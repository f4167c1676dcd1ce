// A date is typed as dd/mm/yyyy whatever the browser's language is: 14/4/2016, 14042016, 14/4 (this year), +3 (in three days).
// The native control stays behind it: it holds the value that is sent and opens the calendar.
const DAY_MS = 86400000;

function two(number) {
  return String(number).padStart(2, "0");
}

function iso(year, month, day) {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year > 1800 && year < 2300;
  return isReal ? `${year}-${two(month)}-${two(day)}` : "";
}

function readDate(text) {
  const today = new Date();
  const ahead = /^([+-]\d{1,4})$/.exec(text);
  if (ahead) {
    const then = new Date(Date.UTC(today.getFullYear(), today.getMonth(), today.getDate()) + Number(ahead[1]) * DAY_MS);
    return iso(then.getUTCFullYear(), then.getUTCMonth() + 1, then.getUTCDate());
  }
  const found = /^(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{4}|\d{2}))?$/.exec(text) ?? /^(\d{2})(\d{2})(\d{4}|\d{2})?$/.exec(text);
  if (!found) return "";
  const year = found[3] ? Number(found[3].length === 2 ? `20${found[3]}` : found[3]) : today.getFullYear();
  return iso(year, Number(found[2]), Number(found[1]));
}

function readTime(text) {
  const found = /^(\d{1,2})(?:[:hg.]?(\d{2}))?$/.exec(text);
  if (!found || Number(found[1]) > 23 || Number(found[2] ?? 0) > 59) return "";
  return `${two(Number(found[1]))}:${found[2] ?? "00"}`;
}

function read(text, withTime) {
  const trimmed = text.trim();
  if (!withTime) return readDate(trimmed);
  const at = trimmed.lastIndexOf(" ");
  const date = readDate(trimmed.slice(0, at));
  const time = readTime(trimmed.slice(at + 1));
  return at > 0 && date && time ? `${date}T${time}` : "";
}

function write(value) {
  const found = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}:\d{2}))?/.exec(value);
  return found ? `${found[3]}/${found[2]}/${found[1]}${found[4] ? ` ${found[4]}` : ""}` : "";
}

function equip(native) {
  const withTime = native.type !== "date";
  const isFirst = "first" in native.dataset || document.activeElement === native;
  const text = document.createElement("input");
  const box = document.createElement("div");
  const button = document.createElement("button");
  const pattern = withTime ? "dd/mm/yyyy hh:mm" : "dd/mm/yyyy";
  box.className = withTime ? "date-box date-box--time" : "date-box";
  text.className = native.className;
  text.type = "text";
  text.inputMode = "numeric";
  text.autocomplete = "off";
  text.placeholder = pattern;
  text.value = write(native.value);
  text.readOnly = native.readOnly;
  text.disabled = native.disabled;
  for (const name of ["aria-invalid", "aria-describedby", "aria-required", "form"]) {
    if (native.hasAttribute(name)) text.setAttribute(name, native.getAttribute(name));
  }
  text.id = native.id;
  native.removeAttribute("id");
  native.removeAttribute("aria-invalid");
  native.classList.replace("input", "date-native");
  native.tabIndex = -1;
  native.ariaHidden = "true";
  native.required = false;
  button.type = "button";
  button.className = "date-button";
  button.tabIndex = -1;
  button.ariaLabel = pattern;
  button.append(calendar());
  native.replaceWith(box);
  box.append(text, button, native);
  button.addEventListener("click", () => native.showPicker());
  native.addEventListener("input", () => (text.value = write(native.value)));
  // Each key counts, so that a form sent from within the field sends what stands there.
  text.addEventListener("input", () => {
    native.value = read(text.value, withTime);
    text.setCustomValidity(text.value.trim() && !native.value ? native.dataset.date || pattern : "");
  });
  text.addEventListener("change", () => {
    if (native.value) text.value = write(native.value);
    if (text.validity.customError) text.setAttribute("aria-invalid", "true");
    else text.removeAttribute("aria-invalid");
    native.dispatchEvent(new Event("change", { bubbles: true }));
  });
  if (isFirst) text.focus();
}

function calendar() {
  const icon = document.querySelector("svg.icon use").closest("svg").cloneNode(true);
  icon.removeAttribute("role");
  icon.removeAttribute("aria-label");
  icon.setAttribute("aria-hidden", "true");
  const use = icon.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#calendar-date"));
  return icon;
}

function equipAll() {
  for (const native of document.querySelectorAll("input:is([type=date], [type=datetime-local]):not(.date-native)")) equip(native);
}

equipAll();
document.addEventListener("htmx:after:swap", equipAll);
