// Editing the rundown while the show runs: order, skips, minutes and new items, by keyboard, finger and mouse.
"use strict";

(() => {
  const desk = document.getElementById("desk");
  const form = document.getElementById("insert");
  const MOVABLE = "tr:has(.grip)";
  let dragged = null; // SKU of the row under the mouse
  let focused = null; // id of the control that has to be found again after its row moved

  const rows = () => [...document.querySelectorAll("tr[data-sku]")];
  const editing = () => desk.hasAttribute("data-editing");
  const change = (make, done) => document.dispatchEvent(new CustomEvent("cueroom:change", { detail: { make, done } }));

  function edit(open) {
    desk.toggleAttribute("data-editing", open);
    document.getElementById("edit-toggle").setAttribute("aria-pressed", String(open));
  }

  // Whoever came by keyboard goes on by keyboard; a finger does not want one to open.
  function editByKey(open) {
    edit(open);
    (open ? document.querySelector(".row-next .minutes") : document.getElementById("edit-toggle"))?.focus();
  }

  // The whole new order, with one row before or after another that is still to come.
  function ordered(sku, target, after) {
    const skus = rows().map((row) => row.dataset.sku);
    skus.splice(skus.indexOf(sku), 1);
    skus.splice(skus.indexOf(target) + (after ? 1 : 0), 0, sku);
    return { command: "order", skus };
  }

  function shift(sku, by) {
    const { id } = document.activeElement;
    queueMicrotask(() => (focused = id)); // after the press that asked for it
    change(() => {
      const skus = [...document.querySelectorAll(MOVABLE)].map((row) => row.dataset.sku);
      const target = skus[skus.indexOf(sku) + by];
      return target ? ordered(sku, target, by > 0) : null;
    });
  }

  // Minutes as people write them: 8.5, or 8:30 as the row shows them.
  function minutesOf(text) {
    const [minutes, seconds = 0] = text.replace(",", ".").split(":").map(Number);
    return minutes + seconds / 60;
  }

  function setMinutes(field) {
    const minutes = minutesOf(field.value);
    const { sku } = field.closest("tr").dataset;
    const restore = (done) => done || (field.value = field.defaultValue);
    if (field.value === field.defaultValue) return;
    if (minutes > 0) change(() => ({ command: "minutes", sku, minutes }), restore);
    else restore(false);
  }

  // The same control of the row above or below.
  function step(target, by) {
    const all = rows();
    const kind = target.id.replace(/-.*/, "");
    for (let place = all.indexOf(target.closest("tr")) + by; all[place]; place += by) {
      const control = document.getElementById(`${kind}-${all[place].dataset.sku}`);
      if (control) return control.focus();
    }
  }

  function insert() {
    const given = Object.fromEntries(new FormData(form));
    const command = {
      ...given,
      command: "insert",
      price: Math.round(Number(given.price) * Number(form.dataset.minor)),
      stock: Number(given.stock),
      minutes: Number(given.minutes),
    };
    const played = rows().filter((row) => row.matches(".row-air, .row-done"));
    const after = document.querySelector(".row-air") ?? played.at(-1);
    change(
      () => (after ? { ...command, after: after.dataset.sku } : command),
      (done) => done && form.reset(),
    );
  }

  const drops = () => document.querySelectorAll("[data-local-drop]");
  const unmark = () => drops().forEach((row) => row.removeAttribute("data-local-drop"));

  document.addEventListener("dragstart", (event) => {
    const row = event.target.closest?.(".grip")?.closest("tr");
    if (!row) return;
    dragged = row.dataset.sku;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(row, 20, 14);
  });
  document.addEventListener("dragover", (event) => {
    const row = dragged && event.target.closest?.(MOVABLE);
    if (!row) return;
    event.preventDefault();
    const { top, height } = row.getBoundingClientRect();
    unmark();
    row.dataset.localDrop = event.clientY > top + height / 2 ? "after" : "before";
  });
  document.addEventListener("drop", (event) => {
    const [row] = drops();
    if (!dragged || !row) return;
    event.preventDefault();
    const [sku, target, after] = [dragged, row.dataset.sku, row.dataset.localDrop === "after"];
    if (sku !== target) change(() => ordered(sku, target, after));
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    unmark();
  });

  document.addEventListener("click", (event) => {
    const mover = event.target.closest("[data-move]");
    if (mover) shift(mover.dataset.moveSku, Number(mover.dataset.move));
    if (event.target.closest("#edit-toggle")) edit(!editing());
  });
  document.addEventListener(
    "keydown",
    (event) => {
      const field = event.key === "Escape" && event.target.closest(".minutes");
      if (field) field.value = field.defaultValue; // before it is left, which would send it
    },
    true,
  );
  document.addEventListener("change", (event) => event.target.matches(".minutes") && setMinutes(event.target));
  document.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const row = event.target.closest("tr[data-sku]");
    if (event.key === "e" && !event.target.closest("input:not(.minutes), select") && !event.ctrlKey && !event.metaKey) {
      editByKey(!editing());
    } else if (by && row && editing()) {
      if (event.altKey) shift(row.dataset.sku, by);
      else step(event.target, by);
    } else return;
    event.preventDefault();
  });
  document.addEventListener("cueroom:frame", () => {
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
  });
  for (const kind of ["focusin", "pointerdown"]) document.addEventListener(kind, () => (focused = null), true);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    insert();
  });
})();
