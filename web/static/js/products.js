// The upload of products: how much is sent, how many rows are read, and every mistake at its place.

import { fill } from "./forms.js";

const form = document.getElementById("upload");
const { dataset: words } = form;
const problems = JSON.parse(words.problems);
const progress = document.getElementById("progress");
const said = document.getElementById("said");
const flaws = document.getElementById("flaws");
const look = document.getElementById("look");
const file = document.getElementById("file");

function upload(content) {
  // fetch cannot tell how much of a body is sent.
  const request = new XMLHttpRequest();
  const query = new URLSearchParams({ currency: form.elements.currency.value.trim().toUpperCase(), file: content.name, lang: document.documentElement.lang });
  request.open("POST", `${form.getAttribute("action")}?${query}`);
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    progress.value = (100 * loaded) / total;
    said.textContent = fill(words.sending, { share: Math.round(progress.value) });
  });
  request.addEventListener("progress", () => show(request));
  request.addEventListener("load", () => show(request));
  request.addEventListener("error", () => end(words.unsent));
  progress.hidden = false;
  flaws.hidden = look.hidden = true;
  request.send(content);
}

function show(request) {
  if (request.status !== 200) {
    if (request.readyState === XMLHttpRequest.DONE) refuse(request);
    return;
  }
  const lines = request.responseText.split("\n");
  const last = lines.at(-2); // what comes after the last line's end is not whole yet
  if (!last) return;
  const read = JSON.parse(last);
  if (read.done) tell(read);
  else {
    progress.removeAttribute("value");
    said.textContent = fill(words.reading, { rows: number(read.rows) });
  }
}

function refuse(request) {
  const { code, detail } = JSON.parse(request.responseText);
  end(problems[code] ?? detail);
}

const number = (n) => n.toLocaleString(document.documentElement.lang);

function tell({ rows, taken, flawed, flaws: told, problem }) {
  const counted = taken ? fill(words.taken, { taken: number(taken), rows: number(rows) }) : words.kept;
  end([problem ? problems[problem] : counted, flawed ? fill(words.flawed, { n: number(flawed) }) : ""].join(" "));
  look.hidden = !taken;
  flaws.hidden = !flawed;
  flaws.tabIndex = 0;
  flaws.replaceChildren(...told.map(line));
  if (flawed > told.length) flaws.append(part("li", "", fill(words.more, { n: number(flawed - told.length) })));
}

function line({ at, shown, text }) {
  const item = part("li", "");
  item.append(part("span", "where num", at), part("span", "", text), part("span", "label", shown));
  return item;
}

const part = (tag, className, textContent = "") => Object.assign(document.createElement(tag), { className, textContent });

function end(text) {
  progress.hidden = true;
  said.textContent = text;
}

file.addEventListener("change", () => {
  if (file.files.length) upload(file.files[0]);
  file.value = "";
});

form.addEventListener("submit", (event) => event.preventDefault());

for (const [type, isOver] of [["dragover", true], ["dragleave", false], ["drop", false]])
  form.addEventListener(type, (event) => {
    event.preventDefault();
    form.classList.toggle("over", isOver);
    if (event.dataTransfer.files.length && type === "drop") upload(event.dataTransfer.files[0]);
  });
