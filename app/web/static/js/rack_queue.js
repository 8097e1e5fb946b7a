// Scans that the server has not confirmed: kept in the browser, sent one after the other, and again until it answers.
// Each has an id of its own, so that one that was sent and not answered may be sent again without harm.
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;
const PATIENCE = 20_000;
const WEEK_S = 7 * 24 * 3600;
const LATER = new Set([408, 425, 429]);

export class Queue {
  // `who` made what is added here, and sends only that; `changed()` is told when there is something to show,
  // `told(entry, answer)` when the server has spoken.
  constructor({ house, url, who, changed, told }) {
    this.key = `fourport.rack.${house}`;
    this.url = url;
    this.who = who;
    this.changed = changed;
    this.told = told;
    this.lasting = true;
    this.state = "ready";
    this.memory = [];
    this.wait = FIRST_WAIT;
    window.addEventListener("online", () => this.flush());
    window.addEventListener("offline", () => this.changed());
    window.addEventListener("storage", (event) => event.key === this.key && this.changed());
  }

  all() {
    if (!this.lasting) return this.memory;
    try {
      return JSON.parse(localStorage.getItem(this.key)) ?? [];
    } catch {
      return this.memory;
    }
  }

  write(entries) {
    this.memory = entries;
    try {
      localStorage.setItem(this.key, JSON.stringify(entries));
      this.lasting = true;
    } catch {
      this.lasting = false; // Full or forbidden: then it lasts as long as the page.
    }
    this.changed();
  }

  add(task, title, fields, began) {
    const entry = { id: crypto.randomUUID(), task, title, fields, began, made: Date.now(), who: this.who, state: "waiting" };
    this.write([...this.all(), entry]);
    this.flush();
    return entry;
  }

  change(id, facts) {
    this.write(this.all().map((entry) => (entry.id === id ? { ...entry, ...facts } : entry)));
  }

  remove(id) {
    this.write(this.all().filter((entry) => entry.id !== id));
  }

  again(id) {
    this.change(id, { state: "waiting", told: null });
    this.flush();
  }

  async flush() {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    try {
      // Two pages of one browser take turns; without that they would only send some scans twice.
      if (navigator.locks) await navigator.locks.request(this.key, () => this.sendAll());
      else await this.sendAll();
    } finally {
      this.busy = false;
      this.changed();
    }
  }

  async sendAll() {
    for (;;) {
      const next = this.all().find((entry) => entry.state === "waiting" && entry.who === this.who);
      if (!next) {
        this.state = "ready";
        return;
      }
      // Asking without a network would only write an error into the console.
      if (!navigator.onLine) return;
      this.state = "sending";
      this.changed();
      if (!(await this.send(next))) return;
      this.wait = FIRST_WAIT;
    }
  }

  // Whether the server has spoken.
  async send(entry) {
    const age = Math.max(0, Math.round((Date.now() - (entry.began ?? entry.made)) / 1000));
    const body = { id: entry.id, task: entry.task, fields: entry.fields, age_s: Math.min(age, WEEK_S) };
    let answer;
    try {
      answer = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      return this.later();
    }
    if (answer.status === 401) {
      this.state = "signed_out";
      return false;
    }
    if (answer.status >= 500 || LATER.has(answer.status)) return this.later();
    const said = await answer.json().catch(() => ({ ok: false, title: `HTTP ${answer.status}`, detail: "" }));
    if (said.ok) this.remove(entry.id);
    else this.change(entry.id, { state: "failed", told: { title: said.title, detail: said.detail, code: said.code } });
    this.told(entry, said);
    return true;
  }

  later() {
    this.state = "away";
    this.timer = setTimeout(() => this.flush(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    return false;
  }
}
