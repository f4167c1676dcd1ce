// The clerk's counter by keyboard: function keys, the scanner, the intake form that fills itself.
// Markup: templates/counter/. A key is written on the button it presses: data-key="F2".

// -- Function keys ---------------------------------------------------------------------------------------------------
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
  if (document.querySelector("dialog[open]")) return;
  const target = [...document.querySelectorAll(`[data-key="${event.key}"]`)].find(isVisible);
  if (!target) return;
  event.preventDefault();
  press(target);
});

// -- A scanner types and ends with Enter: wherever the focus is, a scanned code opens its dossier ------------------------
// Inside a field only what comes faster than a hand types is taken for a scanner.
const CODE = /^(T-)?([A-Z]\d{2}(\.\d{2}){0,3}|\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2})-\d{6,8}-\d{4,7}$/i;
const SCANNER_PAUSE_MS = 80;
const HAND_PAUSE_MS = 2000;
const scan = { text: "", at: 0, field: null, before: "" };

document.addEventListener(
  "keydown",
  (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const isField = event.target.matches?.("input, textarea, select");
    const isFast = event.timeStamp - scan.at < (isField ? SCANNER_PAUSE_MS : HAND_PAUSE_MS);
    scan.at = event.timeStamp;
    if (event.key === "Enter") {
      const code = isFast ? scan.text : "";
      scan.text = "";
      if (CODE.test(code)) openScanned(event, code);
    } else if (event.key.length === 1) {
      if (!isFast) Object.assign(scan, { text: "", field: event.target, before: event.target.value ?? "" });
      scan.text += event.key;
    }
  },
  true,
);

function openScanned(event, code) {
  const form = document.querySelector("[data-scan]");
  if (event.target.closest?.("[data-scan]")) return; // the box for codes sends itself
  event.preventDefault();
  event.stopPropagation();
  if (scan.field?.isConnected && "value" in scan.field) scan.field.value = scan.before;
  const address = new URL(form?.action ?? "/counter/open", location.href);
  address.searchParams.set("code", code);
  location.assign(address);
}

// -- The intake form ---------------------------------------------------------------------------------------------------
const form = document.querySelector("[data-intake]");
if (form) equip(form);

function equip(form) {
  const quote = form.querySelector("[data-quote]");
  const asks = ["procedure", "channel", "case_id", "method_id"];
  let request;

  async function refresh() {
    request?.abort();
    request = new AbortController();
    const address = new URL(quote.dataset.url, location.href);
    for (const name of asks) address.searchParams.set(name, form.querySelector(`[name="${name}"]`)?.value ?? "");
    for (const control of quote.querySelectorAll("input")) {
      if (control.type !== "checkbox" || control.checked) address.searchParams.set(control.name, control.value);
    }
    const focused = document.activeElement?.name;
    quote.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { signal: request.signal, headers: { "HX-Request": "true" } });
      if (answer.status === 401) return location.reload();
      quote.innerHTML = await answer.text();
      if (focused && quote.contains(document.activeElement) === false) quote.querySelector(`[name="${focused}"]`)?.focus();
      tickHead();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    } finally {
      quote.removeAttribute("aria-busy");
    }
  }

  function papers() {
    return [...quote.querySelectorAll("[data-paper]")];
  }

  function tickHead() {
    const all = quote.querySelector("[data-all]");
    if (all) all.checked = papers().length > 0 && papers().every((paper) => paper.checked);
  }

  form.addEventListener("change", (event) => {
    const control = event.target;
    if (asks.includes(control.name)) {
      if (control.name === "procedure") form.querySelector("[name=case_id]")?.replaceChildren();
      refresh();
    } else if (control.matches("[data-all]")) {
      for (const paper of papers()) paper.checked = control.checked;
    } else if (control.matches("[data-paper]")) {
      tickHead();
    }
  });

  // A number typed for a paper means that it was handed in.
  quote.addEventListener("input", (event) => {
    if (!event.target.matches(".count-input")) return;
    const paper = event.target.closest("tr")?.querySelector("[data-paper]");
    if (paper && Number(event.target.value) > 0) paper.checked = true;
    tickHead();
  });

  // Enter moves on like Tab does; only Ctrl+S, F2 and the button receive.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    if (event.target.matches("textarea, button, a, summary")) return;
    event.preventDefault();
    const stops = [...form.querySelectorAll("input, select, textarea, button, summary")].filter(
      (stop) => stop.tabIndex >= 0 && stop.type !== "hidden" && !stop.disabled && isVisible(stop),
    );
    stops[stops.indexOf(event.target) + 1]?.focus();
  });

  equipApplicant(form, form.querySelector("[data-applicant]"));
  tickHead();
}

// The person of an exact number is filled in; what was typed before is never overwritten by nothing.
function equipApplicant(form, part) {
  const known = part.querySelector("[data-known]");
  const numbers = ["id_number", "tax_code"].map((name) => form.elements[name]);

  function fill(name, value) {
    const control = form.querySelector(`[name="${name}"]`);
    if (!control || !value || control.value === value) return;
    control.value = value;
    for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
  }

  // The QR code of a citizen card: number|old number|name|ddmmyyyy|sex|address|issued
  function readCard(control) {
    const [number, , name, born, , address] = control.value.split("|").map((piece) => piece.trim());
    control.value = number;
    fill("full_name", name);
    fill("address", address);
    if (/^\d{8}$/.test(born ?? "")) fill("birth_date", `${born.slice(4)}-${born.slice(2, 4)}-${born.slice(0, 2)}`);
  }

  async function look(control) {
    if (control.value.split("|").length >= 6) readCard(control);
    known.hidden = true;
    const digits = control.value.replace(/[\s.-]/g, "");
    if (digits.length < 8 || digits === control.dataset.asked) return;
    control.dataset.asked = digits;
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    body.set("number", control.name === "tax_code" ? control.value.trim() : digits);
    const answer = await fetch(part.dataset.url, { method: "POST", body, headers: { accept: "application/json" } });
    if (!answer.ok) return;
    const { found, ...person } = await answer.json();
    if (!found) return;
    for (const [name, value] of Object.entries(person)) fill(name, value);
    known.hidden = false;
  }

  for (const control of numbers) control?.addEventListener("change", () => look(control));
  offerDuplicates(form, part, known, fill);
}

// Same name and telephone or birth date under another number: offered, never taken by itself.
function offerDuplicates(form, part, known, fill) {
  const box = part.querySelector("[data-duplicates]");

  function offer(person) {
    const button = box.querySelector("template").content.firstElementChild.cloneNode(true);
    const facts = [person.full_name, person.id_number || person.tax_code, person.phone, person.address];
    button.querySelector("span").textContent = facts.filter(Boolean).join(" · ");
    button.addEventListener("click", () => {
      for (const [name, value] of Object.entries(person)) fill(name, value);
      box.hidden = true;
      form.elements.address.focus();
    });
    return button;
  }

  async function search() {
    box.hidden = true;
    if (!known.hidden || !form.elements.full_name.value.trim()) return;
    const answer = await fetch(part.dataset.duplicatesUrl, { method: "POST", body: new FormData(form) });
    if (!answer.ok) return;
    const { people } = await answer.json();
    for (const button of box.querySelectorAll("button")) button.remove();
    box.append(...people.map(offer));
    box.hidden = people.length === 0;
  }

  part.addEventListener("change", (event) => {
    if (["phone", "birth_date"].includes(event.target.name || event.target.id)) search();
  });
}
