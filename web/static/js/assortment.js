// The assortment: a wish is sent, a show comes back; pins, bans and swaps change the wish and ask again.

import { clear, mark, send, told, typed } from "./forms.js";

const form = document.getElementById("wish");
const place = document.getElementById("proposal");
const said = document.getElementById("said");
const pins = new Map(); // SKU → role
const bans = new Set();
let asked = 0;

// A pin was pressed or typed; whether there was one.
function unpin(sku) {
  const field = form.elements.pins;
  const all = field.value.split(/[,，、;；|]/).map((name) => name.trim());
  if (all.includes(sku)) field.value = all.filter((name) => name !== sku).join(", ");
  return pins.delete(sku) || all.includes(sku);
}

const acts = {
  pin: ({ sku, role }) => unpin(sku) || pins.set(sku, role),
  ban: ({ sku }) => unpin(sku) | bans.add(sku),
  swap: ({ sku, rival, role }) => acts.ban({ sku }) | pins.set(rival, role),
  allow: ({ sku }) => bans.delete(sku),
  unpin: ({ sku }) => unpin(sku),
};

async function propose() {
  const turn = ++asked;
  clear(form);
  said.textContent = form.dataset.working;
  const wish = { typed: typed(form), pins: Object.fromEntries(pins), bans: [...bans] };
  const answer = await send("POST", form.getAttribute("action"), wish);
  if (turn !== asked) return; // another wish is under way
  said.textContent = answer?.ok || answer?.status === 422 ? "" : await told(answer, form.dataset);
  if (answer?.status === 422) mark(form, (await answer.json()).faults);
  if (!answer?.ok) return;
  const names = accepted(); // what was typed of the show stays
  place.innerHTML = await answer.text(); // a page of our own server, every name in it escaped
  const accept = document.getElementById("accept");
  for (const [name, value] of Object.entries(names)) if (accept) accept.elements[name].value = value;
  said.textContent = document.getElementById("proposed").textContent;
}

const accepted = () => {
  const accept = document.getElementById("accept");
  return accept ? typed(accept) : {};
};

async function accept(event) {
  const { title, id } = accepted();
  const { length, goal, currency } = event.submitter.dataset;
  const host = form.elements.profile.selectedOptions[0].textContent;
  const show = { id, title, duration_min: Number(length), goal: Number(goal), currency, hosts: [{ id: "lead", name: host }] };
  show.locale = document.documentElement.lang;
  const items = JSON.parse(place.querySelector("[data-items]").dataset.items);
  const answer = await send("POST", "/new", { document: { show, items } });
  if (answer?.ok) return location.assign((await answer.json()).url);
  document.getElementById("accepted").textContent = await told(answer, form.dataset);
}

// The button that was pressed may be another row's by now, or gone.
function focusAgain(act, sku) {
  const again = [...place.querySelectorAll(`[data-act="${act}"]`)].find((button) => button.dataset.sku === sku);
  (again ?? document.getElementById("proposed"))?.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  propose();
});

place.addEventListener("submit", (event) => {
  event.preventDefault();
  accept(event);
});

place.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-act]");
  if (!button) return;
  const { act, sku } = button.dataset;
  acts[act](button.dataset);
  await propose();
  focusAgain(act, sku);
});
