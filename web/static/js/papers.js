// The papers of a product: files are sent first, then what is done with them; every mistake stands at its field.

import { send } from "./forms.js";

const papers = document.getElementById("papers");
const said = document.getElementById("said");
const by = document.getElementById("by");
const problems = JSON.parse(papers.dataset.problems);
const { lang } = document.documentElement;
const NAME = "cueroom-name";

async function post(address, body) {
  const answer = await send("POST", address, body);
  if (!answer) return { ok: false, detail: papers.dataset.unsent };
  const told = answer.status === 204 ? {} : await answer.json().catch(() => ({ detail: `HTTP ${answer.status}` }));
  return { ok: answer.ok, ...told };
}

const wordsOf = ({ code, detail }) => problems[code] ?? detail;

function clear() {
  said.textContent = "";
  for (const note of papers.querySelectorAll(".note")) note.remove();
  for (const control of papers.querySelectorAll("[aria-invalid]")) {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-errormessage");
  }
}

function mark(control, text) {
  const note = document.createElement("small");
  note.className = "note";
  note.id = `note-${papers.querySelectorAll(".note").length}`;
  note.textContent = text;
  control.closest(".field").append(note);
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-errormessage", note.id);
}

function tell(form, problem) {
  if (problem.code === "stale_papers") return (document.getElementById("stale").hidden = false);
  said.textContent = wordsOf(problem);
  const wrong = Object.entries(problem.faults ?? {}).map(([field, text]) => {
    const control = field === "by" ? by : form.elements[field];
    mark(control, text);
    return control;
  });
  wrong[0]?.focus();
}

// The files that are there already, then those that were chosen; null where one was refused.
async function sendFiles(form) {
  const files = [...form.querySelectorAll("[data-digest]")].map(({ dataset }) => ({ digest: dataset.digest, name: dataset.name }));
  for (const file of form.elements.files?.files ?? []) {
    const answer = await post("/paper-files", file);
    if (!answer.ok) {
      tell(form, { ...answer, faults: { files: `${file.name}: ${wordsOf(answer)}` } });
      return null;
    }
    files.push({ digest: answer.digest, name: file.name });
  }
  return files;
}

async function deedOf(form, button) {
  const { deed, kind } = form.dataset;
  const begun = { deed, version: Number(papers.dataset.version), by: by.value };
  if (deed === "trade") return { ...begun, trade: form.elements.trade.value };
  if (deed === "judge") return { ...begun, kind, state: button.value, note: form.elements.note.value };
  const files = await sendFiles(form);
  return files && { ...begun, kind, files, number: form.elements.number.value, valid_until: form.elements.valid_until.value };
}

async function act(form, button) {
  clear();
  said.textContent = papers.dataset.sending;
  button.disabled = true;
  const deed = await deedOf(form, button);
  const answer = deed && (await post(location.pathname, deed));
  button.disabled = false;
  if (!deed) return;
  said.textContent = "";
  if (!answer.ok) return tell(form, answer);
  location.hash = form.dataset.kind ?? "";
  location.reload();
}

papers.addEventListener("submit", (event) => {
  event.preventDefault();
  act(event.target, event.submitter ?? event.target.querySelector("button"));
});
papers.addEventListener("click", (event) => {
  const line = event.target.closest("[data-drop]")?.closest("li");
  if (!line) return;
  const form = line.closest("form");
  line.remove();
  form.elements.files.focus();
});
document.getElementById("again").addEventListener("click", () => location.reload());
by.value = localStorage.getItem(NAME) ?? "";
by.addEventListener("change", () => localStorage.setItem(NAME, by.value.trim()));
for (const time of papers.querySelectorAll("time")) {
  time.textContent = new Date(time.dateTime).toLocaleString(lang, { dateStyle: "medium", timeStyle: "short" });
}
// After a deed the page is there anew; the keyboard goes on where it was.
document.getElementById(location.hash.slice(1))?.querySelector("input")?.focus();
