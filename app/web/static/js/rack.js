// The pages at the rack: a scanner types a label and ends with Enter, which goes to the next field and sends after the
// last. What is sent is kept until the server has confirmed it (rack_queue.js); every outcome has words, colour and tone.
const root = document.querySelector("[data-rack]");
const texts = JSON.parse(root.dataset.texts);
const form = root.querySelector("form[data-task]");
const { Queue } = await import(root.dataset.queueScript);
const PIECES = /^\d{1,5}$/;
const INTERACTIVE = "a, button, input, select, textarea, label, summary, video";
const ANSWERED = "rack:answered";

const wishes = {
  get: (name) => {
    try {
      return localStorage.getItem(`fourport.rack.${name}`) === "off";
    } catch {
      return false;
    }
  },
  set: (name, off) => {
    try {
      localStorage.setItem(`fourport.rack.${name}`, off ? "off" : "on");
    } catch {
      // Then it holds for this page.
    }
  },
};

// Words, colour and tone.
let audio;
function tone(good) {
  if (soundOff || !navigator.userActivation?.hasBeenActive) return;
  audio ??= new AudioContext();
  for (const [start, pitch] of good ? [[0, 880]] : [[0, 220], [0.25, 180]]) {
    const voice = audio.createOscillator();
    const volume = audio.createGain();
    voice.frequency.value = pitch;
    volume.gain.value = 0.15;
    voice.connect(volume).connect(audio.destination);
    voice.start(audio.currentTime + start);
    voice.stop(audio.currentTime + start + 0.15);
  }
}

function say(kind, title, detail = "") {
  const place = root.querySelector("[data-said]");
  place.hidden = false;
  place.className = `rack-said rack-said-${kind}`;
  place.querySelector("strong").textContent = title;
  place.querySelector("span").textContent = detail;
  if (kind !== "wait") tone(kind === "good");
}

// The fields, one after the other.
const steps = () => [...form.querySelectorAll("[data-step]")].filter((field) => !field.disabled);
const first = () => steps().find((field) => !field.value.trim()) ?? steps()[0];

function focusFirst() {
  first()?.focus();
}

function entered(field) {
  const text = field.value.trim();
  const all = steps();
  const behind = all.slice(all.indexOf(field) + 1);
  if (field.dataset.step === "pieces" && text && !PIECES.test(text)) {
    // A label was scanned where pieces are typed: it is meant for the next field.
    const next = behind.find((one) => one.dataset.step === "scan");
    if (next) {
      field.value = "";
      next.value = text;
      entered(next);
      return;
    }
  }
  if (!text && field.required) {
    say("bad", texts.needed, field.labels[0].textContent.trim());
    return;
  }
  if (bin && field === form.elements.bin) bin.begin();
  if (bin && field === bin.code) {
    if (text) bin.add(text);
    field.value = "";
    return;
  }
  const next = behind.find((one) => !one.value.trim()) ?? all.find((one) => one.required && !one.value.trim());
  if (next) next.focus();
  else if ("choose" in form.dataset) form.querySelector("button[type=submit]").focus();
  else form.requestSubmit();
}

function send(submitter) {
  const missing = steps().find((field) => field.required && !field.value.trim());
  if (missing) {
    say("bad", texts.needed, missing.labels[0].textContent.trim());
    missing.focus();
    return;
  }
  if (bin?.empty && !("sure" in form.dataset)) {
    form.dataset.sure = "";
    say("bad", texts.emptyBin, texts.emptyBinHelp);
    return;
  }
  delete form.dataset.sure;
  const fields = Object.fromEntries(new FormData(form, submitter));
  delete fields.scan_id;
  const shown = steps().map((field) => field.value.trim()).filter(Boolean);
  if (bin) shown.push(...bin.shown);
  if (submitter?.name) shown.push(submitter.textContent.trim());
  const title = `${form.dataset.title}: ${shown.join(" · ")}`;
  say("wait", navigator.onLine ? texts.sending : texts.kept, title);
  queue.add(form.dataset.task, title, fields, bin?.began);
  bin?.clear();
  for (const field of steps()) if (!("keep" in field.dataset)) field.value = "";
  focusFirst();
}

// What waits, and what was refused.
function line(entry) {
  const item = document.createElement("li");
  item.className = `rack-entry rack-entry-${entry.state}`;
  const title = document.createElement("strong");
  title.textContent = entry.title;
  const state = document.createElement("p");
  const mine = entry.who === root.dataset.who;
  state.textContent = !mine ? texts.others : entry.state === "failed" ? `✗ ${entry.told.title}. ${entry.told.detail}` : `… ${texts.waits}`;
  item.append(title, state);
  if (mine && entry.state === "failed" && correctable(entry)) item.append(button(texts.correct, () => correct(entry)));
  if (mine && entry.state === "failed") item.append(button(texts.again, () => queue.again(entry.id)));
  if (!mine || entry.state === "failed") item.append(button(texts.discard, (one) => discard(one, entry)));
  return item;
}

// What was refused may be put back into the form it came from; a count that became unclear is counted anew.
function correctable(entry) {
  return form?.dataset.task === entry.task && entry.fields.of === form.elements.of?.value && entry.told.code !== "count_unclear";
}

function correct(entry) {
  for (const field of steps()) if (field.name in entry.fields) field.value = entry.fields[field.name];
  bin?.restore(entry.fields, entry.began);
  queue.remove(entry.id);
  (bin ? bin.code : steps()[0]).focus();
}

function button(words, act) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: "btn", textContent: words });
  made.addEventListener("click", () => act(made));
  return made;
}

function discard(pressed, entry) {
  if (pressed.dataset.sure) {
    queue.remove(entry.id);
    if (form) focusFirst();
    return;
  }
  pressed.dataset.sure = "1";
  pressed.textContent = texts.discardSure;
}

function show() {
  const entries = queue.all();
  const waiting = entries.filter((entry) => entry.state === "waiting").length;
  const failed = entries.length - waiting;
  const net = root.querySelector("[data-net]");
  const state = !navigator.onLine ? "offline" : queue.state;
  net.className = `rack-net rack-net-${state}`;
  net.textContent = [texts[state], waiting && texts.waiting.replace("{}", waiting), failed && texts.failed.replace("{}", failed)].filter(Boolean).join(" · ");
  root.querySelector("[data-sign-in]").hidden = state !== "signed_out";
  root.querySelector("[data-short-lived]").hidden = queue.lasting;
  root.querySelector("[data-nothing]").hidden = entries.length > 0;
  root.querySelector("[data-queue]").replaceChildren(...entries.map(line));
}

function answered(entry, answer) {
  say(answer.ok ? "good" : "bad", answer.title, answer.detail);
  if (answer.ok) document.body.dispatchEvent(new CustomEvent(ANSWERED, { detail: entry }));
}

// Sound, the keyboard of the screen, the camera.
let soundOff = wishes.get("sound");
const sound = root.querySelector("[data-sound]");
sound.setAttribute("aria-pressed", String(!soundOff));
sound.addEventListener("click", () => {
  soundOff = !soundOff;
  wishes.set("sound", soundOff);
  sound.setAttribute("aria-pressed", String(!soundOff));
  tone(true);
});

const keys = root.querySelector("[data-keys]");
let keysOff = wishes.get("keys");
function setKeys() {
  keys.setAttribute("aria-pressed", String(!keysOff));
  for (const field of form?.querySelectorAll("[data-step=scan]") ?? []) field.inputMode = keysOff ? "none" : "text";
}
keys.addEventListener("click", () => {
  keysOff = !keysOff;
  wishes.set("keys", keysOff);
  setKeys();
  if (form) focusFirst();
});
setKeys();

async function offerCamera() {
  const { Camera, canRead } = await import(root.dataset.cameraScript);
  const able = await canRead();
  root.querySelector("[data-no-camera]").hidden = able;
  const offered = root.querySelector("[data-camera]");
  offered.hidden = !able;
  if (!able) return;
  const camera = new Camera(root.querySelector("video"), (text) => {
    const open = document.activeElement?.matches("[data-step=scan]") ? document.activeElement : first();
    open.value = text;
    tone(true);
    entered(open);
  });
  offered.addEventListener("click", async () => {
    try {
      if (camera.on) camera.stop();
      else await camera.start();
    } catch {
      camera.stop();
      say("bad", texts.cameraRefused, texts.cameraHelp);
    }
    offered.setAttribute("aria-pressed", String(camera.on));
  });
}

const queue = new Queue({ house: root.dataset.house, url: root.dataset.url, who: root.dataset.who, changed: show, told: answered });
let bin;
if (form) {
  if (form.dataset.task === "count") bin = new (await import(root.dataset.binScript)).Bin(form, texts, queue.key);
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.submitter?.name ? event.submitter : null);
  });
  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || event.isComposing || !field.matches("[data-step]")) return;
    event.preventDefault();
    entered(field);
  });
  // Whatever a scanner types reaches a field, wherever somebody touched the page last.
  document.addEventListener("keydown", (event) => {
    const nowhere = document.activeElement === document.body || document.activeElement === null;
    if (nowhere && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) focusFirst();
  });
  document.addEventListener("click", (event) => {
    if (keysOff && !event.target.closest(INTERACTIVE)) focusFirst();
  });
  document.body.addEventListener("htmx:afterSettle", show);
  await offerCamera();
  focusFirst();
}
show();
queue.flush();
root.dataset.ready = "1";
