// The look-up: a combobox (ARIA 1.2) that asks the server for rows while one types.
// Markup: templates/components/lookup.html. Answer of the address: {"results": [{"id", "text", "note"}], "more": bool}.
const PAUSE_MS = 180;

class Lookup {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("[role=combobox]");
    this.list = root.querySelector("[role=listbox]");
    this.hidden = root.querySelector("[data-lookup-value]");
    this.chips = root.querySelector("[data-lookup-chips]");
    this.clear = root.querySelector("[data-lookup-clear]");
    this.shown = this.input.value;
    this.options = [];
    this.active = -1;
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("click", () => this.list.hidden && this.ask());
    this.input.addEventListener("blur", () => this.leave());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(this.options[Number(option.dataset.index)]);
    });
    root.addEventListener("choose", (event) => this.choose(event.detail));
    this.clear.addEventListener("click", () => {
      this.set("", "");
      this.input.focus();
    });
    this.chips?.addEventListener("click", (event) => this.remove(event));
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
    const words = this.input.value.trim();
    if (this.hidden && words === "") this.set("", "");
    this.input.setCustomValidity(words && words !== this.shown ? this.list.dataset.choose : "");
  }

  async ask() {
    this.request?.abort();
    this.request = new AbortController();
    const address = new URL(this.root.dataset.url, location.href);
    const words = this.input.value.trim();
    if (words !== this.shown) address.searchParams.set("q", words);
    this.input.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { signal: this.request.signal, headers: { accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") this.show({ results: [], more: false }, this.list.dataset.failed);
    } finally {
      this.input.removeAttribute("aria-busy");
    }
  }

  show({ results, more }, note = "") {
    if (document.activeElement !== this.input) return;
    this.options = results;
    this.list.replaceChildren(...results.map((result, index) => this.option(result, index)));
    const isAsked = this.input.value.trim() !== "";
    const text = note || (results.length ? (more ? this.list.dataset.more : "") : isAsked ? this.list.dataset.none : "");
    if (text) this.list.append(this.note(text));
    else if (!results.length) return this.close(); // nothing was looked for and nothing is usual
    this.open();
    this.activate(results.length && this.input.value.trim() !== this.shown ? 0 : -1);
  }

  option(result, index) {
    const option = document.createElement("div");
    option.className = "lookup-option";
    option.id = `${this.list.id}-${index}`;
    option.role = "option";
    option.dataset.index = index;
    option.setAttribute("aria-selected", "false");
    option.textContent = result.text;
    if (result.note) {
      const small = document.createElement("small");
      small.textContent = result.note;
      option.append(small);
    }
    return option;
  }

  note(text) {
    const note = document.createElement("div");
    note.className = "lookup-note";
    note.role = "option";
    note.setAttribute("aria-disabled", "true");
    note.textContent = text;
    return note;
  }

  open() {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    const box = this.input.getBoundingClientRect();
    this.list.classList.toggle("above", innerHeight - box.bottom < 240 && box.top > 240);
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.active = -1;
  }

  activate(index) {
    this.active = index;
    const options = this.list.querySelectorAll("[data-index]");
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else {
      this.input.setAttribute("aria-activedescendant", options[index].id);
      options[index].scrollIntoView({ block: "nearest" });
    }
  }

  key(event) {
    const isOpen = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) this.ask();
      else if (this.options.length) {
        const step = event.key === "ArrowDown" ? 1 : -1;
        const from = this.active < 0 && step < 0 ? 0 : this.active;
        this.activate((from + step + this.options.length) % this.options.length);
      }
    } else if (event.key === "Enter" && isOpen && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if (this.active >= 0) this.choose(this.options[this.active]);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Backspace" && this.chips && this.input.value === "") {
      this.chips.lastElementChild?.querySelector("[data-lookup-remove]")?.click();
      this.input.focus();
    }
  }

  choose(result) {
    if (this.chips) this.add(result);
    else this.set(result.id, result.text);
    this.close();
  }

  set(id, text) {
    this.input.value = text;
    this.input.setCustomValidity("");
    this.shown = text;
    this.clear.hidden = text === "";
    if (!this.hidden) return;
    this.hidden.value = id;
    this.hidden.dispatchEvent(new Event("change", { bubbles: true }));
  }

  add(result) {
    const chosen = [...this.chips.querySelectorAll("input")].map((input) => input.value);
    if (!chosen.includes(String(result.id))) {
      const chip = this.root.querySelector("template").content.firstElementChild.cloneNode(true);
      chip.querySelector("input").value = result.id;
      chip.querySelector(".chip-text").textContent = result.text;
      this.chips.append(chip);
    }
    this.set("", "");
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  remove(event) {
    const button = event.target.closest("[data-lookup-remove]");
    if (!button) return;
    button.closest(".chip").remove();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
    this.input.focus();
  }

  leave() {
    this.close();
    this.input.value = this.shown;
    this.input.setCustomValidity("");
  }
}

function equip(scope) {
  for (const root of scope.querySelectorAll("[data-lookup]:not([data-ready])")) {
    root.dataset.ready = "yes";
    new Lookup(root);
  }
}

equip(document);
document.addEventListener("htmx:after:swap", () => equip(document));
