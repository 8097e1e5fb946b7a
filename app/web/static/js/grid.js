// A table with check boxes becomes a grid: arrow keys go from row to row, Space selects, and single keys do the rest.
// Without this script the table, its boxes and its buttons work as they are.
const STEP = 10;
const FIELDS = "input:not([type=checkbox]), select, textarea, [contenteditable]";

class Grid {
  constructor(form) {
    this.form = form;
    this.table = form.querySelector(".grid-table");
    this.rows = this.table ? [...this.table.tBodies[0].rows] : [];
    this.which = form.querySelector("[data-which]");
    this.told = form.querySelector("[data-told]");
    this.plain = this.told.textContent;
    this.at = 0;
    this.anchor = null;
    const keys = form.querySelector("[data-keys]");
    keys.hidden = false;
    keys.addEventListener("click", () => this.showKeys());
    if (!this.table) return;
    this.table.setAttribute("role", "grid");
    this.table.setAttribute("aria-multiselectable", "true");
    this.table.setAttribute("aria-describedby", "grid-keys");
    this.rows.forEach((row, index) => {
      row.tabIndex = index ? -1 : 0;
      const box = this.box(row);
      if (box) box.tabIndex = -1;
    });
    this.table.addEventListener("focusin", (event) => {
      const index = this.rows.indexOf(event.target.closest("tr"));
      if (index >= 0) this.rove(index);
    });
    form.addEventListener("change", () => this.changed());
    this.changed();
  }

  box(row) {
    return row.querySelector("input[name=id]");
  }

  rove(index) {
    this.rows[this.at].tabIndex = -1;
    this.at = index;
    this.rows[index].tabIndex = 0;
  }

  go(index, extend) {
    const from = this.at;
    const to = Math.max(0, Math.min(this.rows.length - 1, index));
    if (extend) {
      this.anchor ??= from;
      const [first, last] = [Math.min(this.anchor, to), Math.max(this.anchor, to)];
      this.rows.forEach((row, nth) => this.mark(row, nth >= first && nth <= last));
      this.changed();
    } else this.anchor = null;
    this.rove(to);
    this.rows[to].focus();
    this.rows[to].scrollIntoView({ block: "nearest" });
  }

  mark(row, on) {
    const box = this.box(row);
    if (box) box.checked = on;
  }

  selected() {
    return this.rows.filter((row) => this.box(row)?.checked);
  }

  // The rows, what is said above them and what will be edited agree with the boxes.
  changed() {
    const count = this.selected().length;
    if (count < this.rows.length) this.which.value = "selected";
    for (const row of this.rows) {
      const box = this.box(row);
      if (box) row.setAttribute("aria-selected", box.checked ? "true" : "false");
    }
    const all = this.which.value === "matching";
    const { textAll, textPage } = this.form.dataset;
    this.told.textContent = all ? textAll : count ? textPage.replace("{}", count) : this.plain;
  }

  // First all rows of the page, then all that match on every page, then none.
  all() {
    const full = this.selected().length === this.rows.length;
    if (full && (this.which.value === "matching" || !this.form.dataset.more)) {
      this.rows.forEach((row) => this.mark(row, false));
      this.which.value = "selected";
    } else if (full) this.which.value = "matching";
    else this.rows.forEach((row) => this.mark(row, true));
    this.changed();
  }

  showKeys() {
    const keys = document.getElementById("grid-keys");
    keys.hidden = !keys.hidden;
    this.form.querySelector("[data-keys]").setAttribute("aria-expanded", String(!keys.hidden));
  }

  // What is selected, or the row one is on, is edited, or planned by the button for that.
  submit(button) {
    if (!this.rows.length || !this.box(this.rows[0])) return;
    if (!this.selected().length) this.mark(this.rows[this.at], true);
    this.changed();
    this.form.requestSubmit(button);
  }

  inside(event) {
    const { key, shiftKey } = event;
    const to = {
      ArrowDown: this.at + 1, ArrowUp: this.at - 1, PageDown: this.at + STEP, PageUp: this.at - STEP, Home: 0,
      End: this.rows.length - 1,
    }[key];
    if (to !== undefined) this.go(to, shiftKey);
    else if (key === " " && event.target.tagName !== "A") {
      this.mark(this.rows[this.at], !this.box(this.rows[this.at])?.checked);
      this.changed();
    } else if (key === "Enter" && event.target.tagName === "TR") location.href = event.target.dataset.open;
    else return false;
    return true;
  }

  anywhere({ key }) {
    if (key === "/") document.querySelector("[data-first-filter]").focus();
    else if (key === "?") this.showKeys();
    else if (key === "a") this.all();
    else if (key === "e") this.submit();
    else if (key === "o") this.submit(this.form.querySelector("[data-send]"));
    else if (key === "n") document.querySelector(".pager [rel=next]")?.click();
    else return false;
    return true;
  }
}

const grids = new WeakMap();

function current() {
  const form = document.querySelector("[data-grid]");
  if (form && !grids.has(form)) grids.set(form, new Grid(form));
  return form && grids.get(form);
}

document.addEventListener("keydown", (event) => {
  const grid = current();
  if (!grid || event.ctrlKey || event.metaKey || event.altKey || event.target.matches(FIELDS)) return;
  const inside = grid.table?.tBodies[0].contains(event.target) && grid.inside(event);
  if (inside || grid.anywhere(event)) event.preventDefault();
});
// A page that the back button brings again has its boxes as they were left.
window.addEventListener("pageshow", () => current()?.changed());
document.body.addEventListener("htmx:afterSettle", current);
current();
