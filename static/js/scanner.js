// What a scanner types is told from what a hand types by its pace and its form, whatever has the focus, and also while
// an input method (Telex, VNI) makes letters of the keys: the keys pressed are read, not the letters that come of them.
// Whoever wants a scan listens for "scan" on the document: detail {kind, text}; preventDefault() says that it was taken.
const SCANNER_PAUSE_MS = 60;
const HAND_PAUSE_MS = 2000; // outside of fields a code may also be typed by hand
const SURE = 3; // so many keys at a scanner's pace are no hand's

const KINDS = [
  ["dossier", /^(?:T-)?(?:[A-Z]\d{2}(?:\.\d{2}){0,3}|\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2})-\d{6,8}-\d{4,7}$/i],
  ["slip", /^https?:\/\/\S+\/slip\/([\w-]{10,60})$/i],
  ["card", /^\d{12}\|(?:\d{9})?\|[^|]*\|\d{0,8}\|[^|]*\|.*$/],
];

const MARKS = {
  Minus: "-_", Equal: "=+", Backslash: "\\|", IntlBackslash: "\\|", Semicolon: ";:", Quote: "'\"", Comma: ",<",
  Period: ".>", Slash: "/?", Space: "  ", BracketLeft: "[{", BracketRight: "]}", Backquote: "`~",
  NumpadSubtract: "--", NumpadDecimal: "..", NumpadDivide: "//", NumpadAdd: "++", NumpadMultiply: "**",
}; // prettier-ignore
const SHIFTED_DIGITS = ")!@#$%^&*(";

// The letter of a key as a scanner means it: keyboards of the United States are what scanners pretend to be.
function physical(event) {
  const letter = /^Key([A-Z])$/.exec(event.code);
  if (letter) {
    const isUpper = event.shiftKey !== event.getModifierState("CapsLock");
    return isUpper ? letter[1] : letter[1].toLowerCase();
  }
  const digit = /^(Digit|Numpad)(\d)$/.exec(event.code);
  if (digit) return event.shiftKey && digit[1] === "Digit" ? SHIFTED_DIGITS[digit[2]] : digit[2];
  return MARKS[event.code]?.[event.shiftKey ? 1 : 0] ?? "";
}

function isComposed(event) {
  return event.isComposing || event.keyCode === 229 || event.key === "Process" || event.key === "Unidentified";
}

function letterOf(event) {
  const isForeign = event.key.length === 1 && event.key > "~" && event.code !== "";
  if (isComposed(event) || isForeign) return physical(event);
  return event.key.length === 1 ? event.key : "";
}

const scan = { text: "", at: 0, fast: 0, field: null, before: "", hasComposed: false };

function begin(target) {
  Object.assign(scan, { text: "", fast: 0, field: target, before: target.value ?? "", hasComposed: false });
}

function isField(target) {
  return target.matches?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea") ?? false;
}

function recognise(text) {
  for (const [kind, form] of KINDS) {
    const found = form.exec(text.trim());
    if (found) return { kind, text: found[1] ?? found[0] };
  }
  return null;
}

// What reached the field has the letters that no key stands for; without an input method at work it is the better text.
function arrived() {
  const value = scan.field?.value;
  if (typeof value !== "string" || scan.hasComposed) return "";
  return value.startsWith(scan.before) ? value.slice(scan.before.length) : value;
}

function giveBack(field, before) {
  if (!field?.isConnected || !("value" in field) || field.value === before) return;
  field.value = before;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function finish(event) {
  const found = recognise(arrived()) ?? recognise(scan.text);
  const { field, before, hasComposed } = scan;
  begin(event.target);
  if (!found) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (hasComposed) field.addEventListener?.("compositionend", () => setTimeout(() => giveBack(field, before)), { once: true });
  giveBack(field, before);
  document.dispatchEvent(new CustomEvent("scan", { detail: found, cancelable: true }));
}

function keyed(event) {
  const pause = event.timeStamp - scan.at;
  const limit = isField(event.target) ? SCANNER_PAUSE_MS : HAND_PAUSE_MS;
  scan.at = event.timeStamp;
  if (pause > limit || event.target !== scan.field) begin(event.target);
  scan.fast = pause <= SCANNER_PAUSE_MS ? scan.fast + 1 : 0;
  scan.hasComposed ||= isComposed(event);
  if (event.key === "Backspace") scan.text = scan.text.slice(0, -1); // an input method takes back what it replaces
  else scan.text += letterOf(event);
  if (scan.fast >= SURE && !isField(event.target)) {
    event.preventDefault(); // no button is pressed, no option chosen and no short-cut taken by what a scanner types
    event.stopImmediatePropagation();
  }
}

function isEnd(event) {
  return event.key === "Enter" || event.code === "Enter" || event.key === "Tab";
}

document.addEventListener(
  "keydown",
  (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(Shift|CapsLock|Dead)/.test(event.key)) return;
    if (isEnd(event)) finish(event);
    else if (event.key === "Backspace" || letterOf(event)) keyed(event);
  },
  true,
);

// Letters that no key has are sent as Alt and digits; outside of fields only this says which letter came of them.
document.addEventListener("keypress", (event) => {
  if (event.code === "" && event.key.length === 1 && event.key > "~" && !isField(event.target)) scan.text += event.key;
});
