// What every page has: countdowns that count, a theme button that means the other one, forms that are sent once,
// fields that can be copied, and tabs that stand in sight.
const MINUTE = 60_000;
const words = document.body.dataset;

function spanText(ms) {
  const minutes = Math.round(Math.abs(ms) / MINUTE);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const rest = minutes % 60;
  if (days) return hours ? `${days} ${words.unitD} ${hours} ${words.unitH}` : `${days} ${words.unitD}`;
  return hours ? `${hours} ${words.unitH} ${rest} ${words.unitMin}` : `${rest} ${words.unitMin}`;
}

function tick() {
  const now = Date.now();
  for (const node of document.querySelectorAll("[data-countdown]")) {
    const left = Date.parse(node.dataset.countdown) - now;
    const text = (left > 0 ? words.textIn : words.textAgo).replace("{}", spanText(left));
    if (node.textContent !== text) node.textContent = text;
    node.dataset.urgency = left <= 0 ? "past" : left < 6 * 60 * MINUTE ? "now" : left < 24 * 60 * MINUTE ? "soon" : "later";
  }
}

function offerOtherTheme() {
  const button = document.querySelector("[data-theme-form] button");
  if (button) button.value = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
}

// In a row of tabs, or a navigation, that is wider than the window: where one is stands in sight.
function showCurrent() {
  for (const row of document.querySelectorAll(".side-nav, .tabs")) {
    const here = row.querySelector("[aria-current]");
    if (!here) continue;
    const [outer, inner] = [row.getBoundingClientRect(), here.getBoundingClientRect()];
    if (inner.left < outer.left || inner.right > outer.right) row.scrollLeft += inner.left - outer.left - 24;
    if (inner.bottom > outer.bottom) row.scrollTop += inner.bottom - outer.bottom + 5;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
// A page that the back button brings again may be sent again.
window.addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-select]")) event.target.select();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.focus(); // Selected by that, so that the keyboard can copy it where the browser lets no script do so.
  try {
    await navigator.clipboard.writeText(field.value);
    button.querySelector("span").textContent = button.dataset.done;
  } catch {
    field.select();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// What asked for parts of a list may be gone with the list when the answer comes: there is no place for them then.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const asked = event.detail.requestConfig.elt;
  if (asked.getAttribute("hx-swap") === "none" && !asked.isConnected) event.preventDefault();
});

tick();
offerOtherTheme();
showCurrent();
setInterval(tick, 20_000);
document.body.addEventListener("htmx:afterSettle", tick);
