// Sliders beside numbers: each moves the other, and only the number is sent.
for (const range of document.querySelectorAll("[data-moves]")) {
  const number = document.getElementById(range.dataset.moves);
  range.hidden = false;
  range.addEventListener("input", () => { number.value = range.value; });
  number.addEventListener("input", () => { range.value = number.value; });
}
