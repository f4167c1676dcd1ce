// The intake form: what an intake means follows what is chosen, a number or a card fills the person in.
// Markup: templates/counter/intake.html.
const form = document.querySelector("[data-intake]");
if (form) equip(form);

function isVisible(element) {
  return element.checkVisibility?.() ?? element.offsetParent !== null;
}

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

  // A number typed for a paper means that it was handed in, one for a fee that it applies.
  quote.addEventListener("input", (event) => {
    const fee = event.target.closest(".fee")?.querySelector("[type=checkbox]");
    if (fee && event.target !== fee && Number(event.target.value.replace(/\D/g, "")) > 0) fee.checked = true;
    if (!event.target.matches(".count-input")) return;
    const paper = event.target.closest("tr")?.querySelector("[data-paper]");
    if (paper && Number(event.target.value) > 0) paper.checked = true;
    tickHead();
  });

  // Enter moves on from field to field, past small buttons that it would press; only Ctrl+S, F2 and the button receive.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    if (event.target.matches("textarea, button, a, summary")) return;
    event.preventDefault();
    const stops = [...form.querySelectorAll("input, select, textarea, summary, [data-save]")].filter(
      (stop) => stop.tabIndex >= 0 && stop.type !== "hidden" && !stop.disabled && isVisible(stop),
    );
    stops[stops.indexOf(event.target) + 1]?.focus();
  });

  const applicant = form.querySelector("[data-applicant]"); // a list of people has none
  if (applicant) equipApplicant(form, applicant);
  tickHead();
}

// The person of an exact number or a scanned card is filled in; what was typed is never overwritten by nothing.
function equipApplicant(form, part) {
  const known = part.querySelector("[data-known]");
  const note = part.querySelector("[data-number-note]");
  const numbers = ["id_number", "tax_code"].map((name) => form.elements[name]);

  function fill(name, value) {
    const control = form.querySelector(`[name="${name}"]`);
    if (!control || !value || control.value === value) return;
    control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: "filled" }));
  }

  async function ask(address, fields) {
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    const answer = await fetch(address, { method: "POST", body, headers: { accept: "application/json" } });
    if (answer.status === 401) location.reload();
    return answer.ok || answer.status === 422 ? answer.json() : {};
  }

  function take({ found, note: said, error, is_partial: isPartial, ...person }) {
    for (const [name, value] of Object.entries(person)) fill(name, value);
    for (const control of numbers) if (control) control.dataset.asked = control.value.replace(/[\s.-]/g, "");
    if (found !== undefined) known.hidden = !found;
    note.textContent = error || (isPartial ? part.dataset.partialText : said) || "";
    note.hidden = note.textContent === "";
    note.classList.toggle("is-wrong", Boolean(error || isPartial));
  }

  async function readCard(text) {
    part.querySelector("[data-duplicates]").hidden = true;
    const answer = await ask(part.dataset.cardUrl, { text });
    take(answer);
    if (answer.error) return form.elements.id_number.focus();
    const empty = ["full_name", "phone", "address"].map((name) => form.elements[name]).find((control) => !control.value);
    (empty ?? form.querySelector("[data-save]")).focus();
  }

  async function look(control) {
    if (control.value.includes("|")) return readCard(control.value);
    known.hidden = note.hidden = true;
    const digits = control.value.replace(/[\s.-]/g, "");
    if (digits.length < 8 || digits === control.dataset.asked) return;
    control.dataset.asked = digits;
    const number = control.name === "tax_code" ? control.value.trim() : digits;
    take(await ask(part.dataset.url, { number, kind: form.elements.kind.value }));
  }

  for (const control of numbers) {
    control?.addEventListener("change", (event) => event.detail === "filled" || look(control));
  }
  document.addEventListener("scan", (event) => {
    if (event.detail.kind !== "card") return;
    event.preventDefault();
    readCard(event.detail.text);
  });
  offerDuplicates(form, part, known, async (publicId) => take(await ask(part.dataset.url, { public_id: publicId })));
}

// The same name or telephone: offered, never taken by itself.
function offerDuplicates(form, part, known, take) {
  const box = part.querySelector("[data-duplicates]");
  let asked = 0;

  function offer(person, index) {
    const button = box.querySelector("template").content.firstElementChild.cloneNode(true);
    button.querySelector("span").textContent = person.text;
    if (index === 0) button.dataset.key = "F8";
    button.addEventListener("click", async () => {
      box.hidden = true;
      await take(person.public_id);
      form.elements.address.focus();
    });
    return button;
  }

  async function search() {
    box.hidden = true;
    if (!known.hidden) return;
    const turn = ++asked;
    const answer = await fetch(part.dataset.duplicatesUrl, { method: "POST", body: new FormData(form) });
    if (!answer.ok || turn !== asked || !known.hidden) return;
    const { people } = await answer.json();
    for (const button of box.querySelectorAll("button")) button.remove();
    box.append(...people.map(offer));
    box.hidden = people.length === 0;
  }

  part.addEventListener("change", (event) => {
    const name = event.target.name || event.target.id;
    if (event.detail !== "filled" && ["full_name", "phone", "birth_date", "old_id_number"].includes(name)) search();
  });
}
