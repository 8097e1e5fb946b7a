// What lies in the bin that is being counted: a line for each code that was scanned, kept until the bin is done.
const PIECES = /^\d{1,5}$/;

export class Bin {
  constructor(form, texts, key) {
    this.form = form;
    this.texts = texts;
    this.key = `${key}.bin.${form.elements.of.value}`;
    this.list = form.querySelector("[data-lines]");
    this.code = form.querySelector("[data-article]");
    this.found = form.elements.found;
    this.conditions = JSON.parse(this.list.dataset.conditions);
    form.querySelector("[data-found]").hidden = true;
    this.draft = this.read();
    form.elements.bin.value = this.draft.bin;
    form.elements.bin.addEventListener("change", () => this.begin());
    this.show();
  }

  read() {
    const fresh = { bin: "", began: null, lines: [] };
    try {
      return { ...fresh, ...JSON.parse(localStorage.getItem(this.key)) };
    } catch {
      return fresh;
    }
  }

  keep() {
    try {
      localStorage.setItem(this.key, JSON.stringify(this.draft));
    } catch {
      // Then the lines last as long as the page.
    }
    this.found.value = this.draft.lines.map((line) => `${line.code}\t${line.pieces}\t${line.condition}`).join("\n");
  }

  begin() {
    const bin = this.form.elements.bin.value.trim();
    if (bin !== this.draft.bin) this.draft = { ...this.draft, bin, began: this.draft.began ?? Date.now() };
    this.keep();
  }

  // A code adds a piece; a short number says how many of the last one there are.
  add(text) {
    const last = this.draft.lines.at(-1);
    if (PIECES.test(text) && last) last.pieces = Number(text);
    else {
      const same = this.draft.lines.find((line) => line.code === text && line.condition === "A");
      if (same) {
        same.pieces += 1;
        this.draft.lines = [...this.draft.lines.filter((line) => line !== same), same];
      } else this.draft.lines.push({ code: text, pieces: 1, condition: "A" });
    }
    this.draft.began ??= Date.now();
    this.keep();
    this.show();
  }

  get empty() {
    return this.draft.lines.length === 0;
  }

  get began() {
    return this.draft.began ?? Date.now();
  }

  get shown() {
    return this.draft.lines.map((line) => `${line.code} × ${line.pieces}`);
  }

  // What was sent and refused, to be corrected.
  restore(fields, began) {
    const lines = fields.found.split("\n").filter(Boolean).map((text) => text.split("\t"));
    this.draft = { bin: fields.bin, began, lines: lines.map(([code, pieces, condition]) => ({ code, pieces: Number(pieces), condition })) };
    this.show();
  }

  clear() {
    this.draft = { bin: "", began: null, lines: [] };
    this.keep();
    this.show();
  }

  show() {
    this.keep();
    this.list.replaceChildren(...this.draft.lines.map((line, place) => this.row(line, place)));
  }

  row(line, place) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.className = "rack-code";
    name.textContent = line.code;
    const pieces = document.createElement("input");
    Object.assign(pieces, { className: "form-control", value: line.pieces, inputMode: "numeric", maxLength: 6 });
    pieces.setAttribute("aria-label", this.texts.piecesOf.replace("{}", line.code));
    pieces.addEventListener("change", () => {
      line.pieces = PIECES.test(pieces.value.trim()) ? Number(pieces.value) : line.pieces;
      this.show();
    });
    const condition = document.createElement("select");
    condition.className = "form-select";
    condition.setAttribute("aria-label", this.texts.conditionOf.replace("{}", line.code));
    for (const [value, text] of this.conditions) condition.add(new Option(text, value, false, value === line.condition));
    condition.addEventListener("change", () => {
      line.condition = condition.value;
      this.keep();
    });
    const remove = document.createElement("button");
    Object.assign(remove, { type: "button", className: "btn", textContent: "✕" });
    remove.setAttribute("aria-label", this.texts.removeOf.replace("{}", line.code));
    remove.addEventListener("click", () => {
      this.draft.lines.splice(place, 1);
      this.show();
      this.code.focus();
    });
    item.append(name, pieces, condition, remove);
    return item;
  }
}
