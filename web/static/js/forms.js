// Forms that are sent as they were typed: the server reads them and says what is wrong with each field.

const SURE_MS = 3000;

export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

export const typed = (form) => Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string"));

export const address = (path) => `${path}${path.includes("?") ? "&" : "?"}lang=${document.documentElement.lang}`;

// The answer, or null where there was none. A file goes as it is, all else as JSON.
export async function send(method, path, body) {
  const content = body instanceof Blob ? { body } : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  try {
    return await fetch(address(path), { method, ...content });
  } catch {
    return null;
  }
}

// What a refusal says, in the words of the page.
export async function told(answer, { problems, unsent }) {
  if (!answer) return unsent;
  const { code, detail } = await answer.json();
  return JSON.parse(problems)[code] ?? detail;
}

// Whether a button was pressed for the second time; the first time it asks.
export function isSure(button, question) {
  if ("armed" in button.dataset) return true;
  const { textContent: usual } = button;
  button.dataset.armed = "";
  button.textContent = question;
  setTimeout(() => {
    delete button.dataset.armed;
    button.textContent = usual;
  }, SURE_MS);
  return false;
}

export function clear(form) {
  for (const note of form.querySelectorAll(".note")) note.remove();
  for (const control of form.querySelectorAll("[aria-invalid]")) {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  }
  form.querySelector("#mistakes").hidden = true;
}

// Every mistake at its field, and a list that leads there.
export function mark(form, faults) {
  clear(form);
  const list = form.querySelector("#mistakes");
  const ways = Object.entries(faults).map(([name, text]) => wayTo(form.elements[name], text));
  list.replaceChildren(fill(form.dataset.mistakes, { n: ways.length }), ...ways);
  list.hidden = false;
  form.querySelector("[aria-invalid]")?.focus();
}

function wayTo(control, text) {
  const label = control.ariaLabel ?? control.closest(".field").querySelector(".field-name").textContent.trim();
  const note = Object.assign(document.createElement("span"), { className: "note", id: `note-${control.name}`, textContent: text });
  control.closest(".field").append(note);
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", note.id);
  const way = Object.assign(document.createElement("button"), { type: "button", className: "way", textContent: `${label} · ${text}` });
  way.addEventListener("click", () => control.focus());
  const line = document.createElement("div");
  line.append(way);
  return line;
}
