// Forms: Ctrl+S saves, nothing typed is lost without asking, fields appear when what they depend on says so.
const state = document.querySelector("[data-form-state]");

function controls(form, name) {
  return [...form.elements].filter((control) => control.name === name);
}

function values(form, name) {
  return controls(form, name).map((control) =>
    control.type === "checkbox" ? String(control.checked) : control.type === "radio" && !control.checked ? "" : control.value,
  );
}

// "attribute=VALUE" asks for that value, "attribute=ONE|OTHER" for one of several, "attribute" alone for any but none and no.
function applies(form, condition) {
  const [name, wanted] = condition.toLowerCase().split("=");
  const found = values(form, name).map((value) => value.toLowerCase());
  return wanted ? wanted.split("|").some((value) => found.includes(value)) : found.some((value) => value && value !== "false");
}

function adapt(form) {
  for (const field of form.querySelectorAll("[data-depends]")) field.hidden = !applies(form, field.dataset.depends);
}

function follow(form) {
  let changed = "changed" in form.dataset;
  let sent = false;
  const mark = () => {
    changed = true;
    if (state) state.textContent = state.dataset.changedText;
  };
  form.addEventListener("input", mark);
  form.addEventListener("change", () => {
    mark();
    adapt(form);
  });
  form.addEventListener("submit", (event) => {
    const wrong = form.querySelector(":is(.date-box, .lookup) :invalid");
    if (sent || wrong) event.preventDefault();
    if (wrong) return wrong.reportValidity();
    sent = true;
    form.querySelector("[data-save]")?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => {
    sent = false;
    form.querySelector("[data-save]")?.removeAttribute("aria-busy");
  });
  addEventListener("beforeunload", (event) => {
    if (changed && !sent) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || (event.key.toLowerCase() !== "s" && event.key !== "Enter")) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-save]"));
  });
  adapt(form);
}

for (const form of document.querySelectorAll("[data-form]")) follow(form);

// After a refusal the first thing to mend has the focus.
const invalid = document.querySelector("[data-form] [aria-invalid]");
const summary = document.querySelector("[data-summary]");
if (invalid) invalid.focus();
else if (summary) {
  summary.focus({ preventScroll: true });
  summary.scrollIntoView({ block: "nearest" });
}
