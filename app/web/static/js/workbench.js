// The drawer that answers "why", and parcels that are dragged onto departures. All of it works by keyboard as well:
// w or Enter opens the drawer at a row, arrows go from row to row, Escape closes it and goes back.
const drawer = document.getElementById("drawer");
let opener = "";

function rowOf(parcel) {
  return parcel && document.querySelector(`[data-parcel="${CSS.escape(parcel)}"] .ask`);
}

function ask(row, departure) {
  opener = row.dataset.parcel;
  const where = departure ? `${row.dataset.why}?departure=${encodeURIComponent(departure)}` : row.dataset.why;
  window.htmx.ajax("GET", where, { target: "#drawer-body", swap: "innerHTML" });
}

function sayCost(form) {
  const chosen = form.querySelector("input[name=option]:checked");
  const button = form.querySelector("[data-confirm]");
  if (chosen && button) button.querySelector("span").textContent = button.dataset.confirm.replace("{}", chosen.dataset.cost);
}

if (drawer) {
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    // What is refused is said in the drawer.
    if (event.detail.target.id !== "drawer-body" || ![409, 422].includes(event.detail.xhr.status)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "drawer-body") return;
    if (!drawer.open) {
      opener = document.activeElement?.closest("[data-parcel]")?.dataset.parcel ?? opener;
      drawer.showModal();
    }
    drawer.querySelectorAll("[data-decide]").forEach(sayCost);
    document.getElementById("drawer-title")?.focus();
  });
  drawer.addEventListener("close", () => rowOf(opener)?.focus());
  drawer.addEventListener("click", (event) => {
    if (event.target === drawer || event.target.closest("[data-close-drawer]")) drawer.close();
  });
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-decide]");
  if (form) sayCost(form);
});

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-parcel]");
  if (!row || drawer?.open || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "w") ask(row);
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const rows = [...document.querySelectorAll("[data-parcel]")];
    const next = rows[rows.indexOf(row) + (event.key === "ArrowDown" ? 1 : -1)];
    next?.querySelector(".ask")?.focus();
  } else return;
  event.preventDefault();
});

function targetOf(event) {
  return event.target.closest?.("tr[data-departure]");
}

function forget(name) {
  document.querySelectorAll(`.${name}`).forEach((one) => one.classList.remove(name));
}

let dragged = null;
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-parcel][draggable=true]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.parcel);
  dragged.dataset.dragged = "1";
  document.querySelectorAll("tr[data-departure]").forEach((one) => one.classList.add("may-drop"));
});
document.addEventListener("dragover", (event) => {
  const target = dragged && targetOf(event);
  forget("drop-here");
  if (!target) return;
  event.preventDefault();
  target.classList.add("drop-here");
});
document.addEventListener("drop", (event) => {
  const target = dragged && targetOf(event);
  if (!target) return;
  event.preventDefault();
  ask(dragged, target.dataset.departure);
});
document.addEventListener("dragend", () => {
  forget("drop-here");
  forget("may-drop");
  if (dragged) delete dragged.dataset.dragged;
  dragged = null;
});
