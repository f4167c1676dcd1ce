// Children in the form of their parent: rows are added and removed, Enter and the arrows go from cell to cell, and a
// block of cells copied from a spreadsheet is pasted over them; rows that are missing are added.
const YES = ["1", "x", "có", "co", "yes", "true", "y", "✓"];

function fold(text) {
  return text.trim().toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d");
}

class Grid {
  constructor(root) {
    this.root = root;
    this.rows = root.querySelector("[data-grid-rows]");
    this.blank = root.querySelector("[data-grid-blank]");
    this.next = this.rows.rows.length;
    root.querySelector("[data-grid-add]")?.addEventListener("click", () => this.focus(this.add(), 0));
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("paste", (event) => this.paste(event));
    root.addEventListener("change", (event) => this.mark(event.target));
    for (const box of root.querySelectorAll("[data-grid-remove]:checked")) this.mark(box);
  }

  mark(box) {
    if (!box.matches("[data-grid-remove]")) return;
    box.closest("tr").classList.toggle("is-removed", box.checked);
  }

  add() {
    if (!this.blank) return null;
    const holder = document.createElement("tbody");
    holder.innerHTML = this.blank.innerHTML.replaceAll("__n__", `n${this.next++}`);
    const row = holder.rows[0];
    this.rows.append(row);
    document.dispatchEvent(new Event("htmx:after:swap")); // look-ups and dates of the new row come to life
    this.root.closest("form").dispatchEvent(new Event("input", { bubbles: true }));
    return row;
  }

  control(row, column) {
    const cell = row?.cells[column];
    return cell?.querySelector("[role=combobox], .date-box input[type=text], input:not([type=hidden]), select, textarea");
  }

  focus(row, column) {
    this.control(row, column)?.focus();
  }

  place(target) {
    const cell = target.closest("td");
    return cell ? [cell.parentElement, cell.cellIndex] : [null, -1];
  }

  key(event) {
    const [row, column] = this.place(event.target);
    if (!row || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    const isOpen = event.target.getAttribute("aria-expanded") === "true";
    const isList = event.target.matches("select, [role=combobox], textarea");
    if (event.key === "Delete" && event.altKey) {
      row.querySelector("[data-grid-remove]")?.click();
      event.preventDefault();
    } else if (event.key === "Enter" && !isOpen && !event.target.matches("textarea, button")) {
      event.preventDefault();
      this.focus(row.nextElementSibling ?? this.add(), column);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !isList) {
      const other = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
      if (!other) return;
      event.preventDefault();
      this.focus(other, column);
    }
  }

  paste(event) {
    const [row, column] = this.place(event.target);
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!row || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    let here = row;
    for (const line of text.replace(/\r/g, "").replace(/\n+$/, "").split("\n").slice(0, 50)) {
      here ??= this.add();
      if (!here) return;
      line.split("\t").forEach((value, step) => this.fill(this.control(here, column + step), value.trim()));
      here = here.nextElementSibling;
    }
  }

  fill(control, value) {
    if (!control || control.matches("[data-grid-remove]")) return;
    if (control.matches("[role=combobox]")) {
      this.find(control, value);
      return;
    }
    if (control.matches("select")) {
      const wanted = [...control.options].find((option) => fold(option.text) === fold(value) || option.value === value);
      if (wanted) control.value = wanted.value;
      control.classList.toggle("is-unread", !wanted && value !== "");
    } else if (control.type === "checkbox") control.checked = YES.includes(value.toLowerCase());
    else control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.dispatchEvent(new Event("change", { bubbles: true }));
    control.dispatchEvent(new Event("blur"));
  }

  // A row of another entity is found by its name or code; what is not found stays to be mended.
  async find(control, value) {
    const lookup = control.closest("[data-lookup]");
    const list = lookup.querySelector("[role=listbox]");
    control.value = value;
    control.setCustomValidity(value ? list.dataset.choose : "");
    lookup.querySelector("[data-lookup-value]").value = "";
    if (!value) return;
    const address = new URL(lookup.dataset.url, location.href);
    address.searchParams.set("q", value);
    const answer = await fetch(address, { headers: { accept: "application/json" } });
    const { results } = answer.ok ? await answer.json() : { results: [] };
    const exact = results.filter((one) => fold(one.text) === fold(value) || fold(one.note ?? "") === fold(value));
    if (exact.length === 1) lookup.dispatchEvent(new CustomEvent("choose", { detail: exact[0] }));
  }
}

for (const root of document.querySelectorAll("[data-grid]:has([data-grid-rows])")) new Grid(root);
