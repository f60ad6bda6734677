// The profile of a host: saved as a whole, deleted at the second press.

import { clear, isSure, mark, send, told, typed } from "./forms.js";

const form = document.getElementById("host");
const said = document.getElementById("said");
const remove = document.getElementById("delete");
const version = Number(form.dataset.version);

async function follow(answer) {
  if (answer?.ok) return location.assign((await answer.json()).url);
  if (answer?.status === 422) return mark(form, (await answer.json()).faults);
  said.textContent = await told(answer, form.dataset);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clear(form);
  said.textContent = "";
  follow(await send("PUT", form.getAttribute("action"), { typed: typed(form), version }));
});

remove?.addEventListener("click", async () => {
  if (isSure(remove, form.dataset.sure)) follow(await send("DELETE", form.getAttribute("action"), { typed: {}, version }));
});
