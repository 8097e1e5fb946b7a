// Mending cells by keyboard: Enter sends the cell, and the next wrong one has the focus as soon as the page is there;
// F2 takes the proposal, F8 leaves the row out.
const cells = () => [...document.querySelectorAll("[data-fault]")];
let next = -1;

function focusOn(place) {
  const found = cells();
  const cell = found[Math.min(place, found.length - 1)];
  if (!cell) return document.querySelector("#draft .btn-primary")?.focus();
  cell.focus();
  cell.select();
}

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("[data-fault]");
  if (!cell) return;
  if (event.key === "F2" && cell.dataset.proposal) {
    event.preventDefault();
    cell.value = cell.dataset.proposal;
    cell.form.requestSubmit();
  } else if (event.key === "F8") {
    event.preventDefault();
    // A click, not requestSubmit: htmx sends the name of the button that was clicked only.
    cell.form.querySelector("[name=skip]").click();
  }
});

document.addEventListener("submit", (event) => {
  const cell = event.target.querySelector("[data-fault]");
  // The mended cell goes from the list, and the next takes its place; one that is wrong still keeps the focus.
  next = cell ? cells().indexOf(cell) : 0;
});

document.body.addEventListener("htmx:afterSettle", () => {
  if (next < 0) return;
  focusOn(next);
  next = -1;
});

if (cells().length) focusOn(0);
