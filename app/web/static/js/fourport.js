// What every page has: countdowns that count, and a theme button that means the other one.
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

tick();
offerOtherTheme();
setInterval(tick, 20_000);
document.body.addEventListener("htmx:afterSettle", tick);
