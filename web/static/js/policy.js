// Setting a threshold: judged at its field, in words, and sent as a command; then the rows say what the server says.
"use strict";

(() => {
  const sheet = document.getElementById("policy");
  const problems = JSON.parse(sheet.dataset.problems);
  const fields = (form) => [...form.querySelectorAll("input")];
  const numberOf = (field) => Number(field.value.replace(",", "."));
  const isChanged = (field) =>
    field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;

  function isRight(field, { form, low, high, whole }) {
    if (form === "list" || (form === "table" && !field.value.trim())) return true; // a row of a table may be empty
    const number = numberOf(field);
    const within = field.value.trim() && number >= Number(low) && number <= Number(high);
    return within && (whole === undefined || Number.isInteger(number));
  }

  function valueOf(form) {
    const all = fields(form);
    if (form.dataset.form === "number") return numberOf(all[0]);
    if (form.dataset.form === "list") return all.filter((field) => field.checked).map((field) => field.name);
    return Object.fromEntries(all.filter((field) => field.value.trim()).map((field) => [field.name, numberOf(field)]));
  }

  function tell(form, text, tone) {
    const told = form.querySelector(".told");
    told.textContent = text;
    told.dataset.tone = tone;
  }

  // Marks what is wrong where it stands; whether nothing is.
  function judge(form) {
    const wrong = fields(form).filter((field) => !isRight(field, form.dataset));
    for (const field of fields(form)) field.setAttribute("aria-invalid", String(wrong.includes(field)));
    tell(form, wrong.length ? form.dataset.wrong : "", "bad");
    return !wrong.length;
  }

  // What the server said of the threshold when its row was read.
  const readOf = (form) => JSON.stringify(fields(form).map((field) => [field.defaultValue, field.defaultChecked]));

  // Every row as the server has it now, but those that somebody is just changing; and its revision.
  async function renew() {
    const text = await (await fetch(location.href)).text();
    const focused = document.activeElement?.id;
    const now = new DOMParser().parseFromString(text, "text/html").getElementById("policy");
    sheet.dataset.rev = now.dataset.rev;
    for (const row of now.querySelectorAll("tbody tr")) {
      const old = document.getElementById(row.id);
      if (!fields(old).some(isChanged)) old.replaceWith(row);
    }
    document.getElementById(focused)?.focus();
  }

  async function set(form, value) {
    const { key } = form.dataset;
    const renewed = async () => {
      form.reset(); // nothing is left to be kept from the server's row
      await renew();
      return sheet.querySelector(`form[data-key="${key}"]`);
    };
    const body = JSON.stringify({ command: "policy", set: { [key]: value }, if_rev: Number(sheet.dataset.rev) });
    const request = { method: "POST", headers: { "Content-Type": "application/json" }, body };
    const answer = await fetch(sheet.dataset.commands, request).catch(() => null);
    if (!answer) return tell(form, sheet.dataset.unsent, "bad");
    if (!answer.ok) {
      const { code, title, did } = await answer.json();
      const said = problems[code] ?? title;
      if (code !== "stale_revision") return tell(form, said, "bad");
      const read = readOf(form);
      const now = await renewed();
      if (readOf(now) === read) return set(now, value); // what somebody did meanwhile was something else
      const who = did?.match(/^policy (.*)/)?.[1].replace("(producer", `(${sheet.dataset.by}`);
      return tell(now, [said, who].filter(Boolean).join(" — "), "bad");
    }
    tell(await renewed(), sheet.dataset.done, "good");
  }

  sheet.addEventListener("input", ({ target: { form } }) => {
    form.querySelector("[type=submit]").hidden = !fields(form).some(isChanged);
    judge(form);
  });
  sheet.addEventListener("submit", (event) => {
    event.preventDefault();
    if (judge(event.target)) set(event.target, valueOf(event.target));
  });
  sheet.addEventListener("click", ({ target }) => {
    if (target.closest("[data-back]")) set(target.form, null);
  });
})();
