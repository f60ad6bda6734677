// The plan page: what is typed is kept as a draft at once, and the server says what it comes to and what is wrong.

import { address, isSure, send } from "./forms.js";
import { at, choose, here, put, read, write } from "./plan-fields.js";
import { clock, drawCurve } from "./plan-curve.js";
import { fillIn } from "./plan-lessons.js";
import { rehearse } from "./plan-rehearsal.js";

const PAUSE_MS = 250; // after the last key
const RETRY_MS = 3000;
const NOTES = "cueroom-notes"; // of the file that a plan was begun with

const form = document.getElementById("plan");
const { dataset: words } = form;
const problems = JSON.parse(words.problems);
const $ = (id) => document.getElementById(id);
const opened = words.opened ? JSON.parse(words.opened) : { document: JSON.parse(words.begun) };
let document_ = opened.document; // with what the page has no fields for, such as the policy
let known = { version: opened.version, base: opened.base };
let decimals = opened.preview?.decimals ?? 2;
let latest = opened.preview;
let dirty = false;
let sending = null;
let sent = null; // the document that was sent last
let pause = 0;
let notes = []; // what a file that was opened holds beside the plan
let failed = false; // what was typed did not reach the server last time

// The document in the fields, and back

const rowsOf = (list) => [...form.querySelector(`[data-rows="${list}"]`).children];
const ownFields = (root) => [...root.querySelectorAll("[data-at]")].filter((field) => field.querySelector("[data-kind]"));
const showFields = () => ownFields(form).filter((field) => !field.closest("[data-rows], fieldset"));

function addRow(list, values = {}) {
  const template = form.querySelector(`template[data-row-of="${list}"]`);
  const row = template.content.firstElementChild.cloneNode(true);
  form.querySelector(`[data-rows="${list}"]`).append(row);
  offerHosts(row);
  for (const field of ownFields(row)) write(field, at(values, field.dataset.at), decimals);
  return row;
}

const tables = (value) => (Array.isArray(value) ? value.filter((row) => row && typeof row === "object") : []);

function fill(document) {
  document_ = document;
  for (const field of showFields()) write(field, at(document, field.dataset.at), decimals);
  for (const list of ["show.hosts", "items"]) {
    const place = form.querySelector(`[data-rows="${list}"]`);
    if (!place) continue;
    place.replaceChildren();
    for (const values of tables(at(document, list))) addRow(list, values);
  }
  nameTitle();
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function collect() {
  const document = { show: words.url ? { id: at(document_, "show.id") } : {} };
  if (document_.policy) document.policy = document_.policy;
  for (const field of showFields()) put(document, field.dataset.at, read(field, decimals));
  for (const list of ["show.hosts", "items"]) {
    if (!form.querySelector(`[data-rows="${list}"]`)) {
      if (at(document_, list)) put(document, list, at(document_, list)); // of the file that a plan is begun with
      continue;
    }
    const rows = rowsOf(list).map((row) => {
      const values = {};
      for (const field of ownFields(row)) put(values, field.dataset.at, read(field, decimals));
      return values;
    });
    if (rows.length || list === "items") put(document, list, rows);
  }
  return document;
}

function offerHosts(root = form) {
  const hosts = rowsOf("show.hosts").map((row) => ["id", "name"].map((key) => row.querySelector(`[data-at="${key}"] input`).value));
  for (const select of root.querySelectorAll("[data-hosts]")) {
    const { value } = select;
    const first = select.options[0];
    select.replaceChildren(first, ...hosts.filter(([id]) => id).map(([id, name]) => new Option(name || id, id)));
    if (value && ![...select.options].some((option) => option.value === value)) select.add(new Option(value, value));
    select.value = value;
  }
}

function nameTitle() {
  const title = form.querySelector('[data-at="show.title"] input').value;
  if ($("title") && title) $("title").textContent = title;
}

// Talking to the server

const say = (text) => ($("said").textContent = text);
const state = (text) => ($("state").textContent = text);
const SAID_MORE = new Set(["cannot_change", "papers_missing", "unreadable_file"]);

const told = ({ code, detail }) => {
  const text = problems[code] ?? detail;
  return SAID_MORE.has(code) ? `${text} ${detail}` : text;
};

async function call(method, path, body) {
  const answer = await send(method, path, body);
  const said = await answer?.json().catch(() => null);
  return said ? { ok: answer.ok, status: answer.status, ...said } : { ok: false, status: 0, detail: words.unsent };
}

function edited() {
  dirty = true;
  nameTitle();
  offerHosts();
  if (!words.url) return;
  state(words.saving);
  clearTimeout(pause);
  pause = setTimeout(keep, PAUSE_MS);
}

// One request at a time; what is typed meanwhile goes with the next.
function keep() {
  clearTimeout(pause);
  sending ??= keepAll().finally(() => (sending = null));
  return sending;
}

async function keepAll() {
  while (dirty && $("stale").hidden) {
    dirty = false;
    sent = collect();
    const answer = await call("PUT", `${words.url}/draft`, { document: sent, ...known });
    if (answer.ok) take(answer);
    else if (answer.status === 412) beStale(answer);
    else {
      dirty = failed = true;
      say(told(answer));
      pause = setTimeout(keep, RETRY_MS);
      return;
    }
  }
}

function take({ version, preview }) {
  known.version = version;
  $("discard").hidden = false;
  if (failed) say("");
  failed = false;
  if (!dirty) state(words.drafted);
  const other = preview.decimals !== decimals;
  decimals = preview.decimals;
  show(preview);
  if (other) edited(); // what was typed as money means another number of minor units now
}

function beStale({ version, base }) {
  $("stale").hidden = false;
  $("mine").onclick = () => {
    $("stale").hidden = true;
    known = { version, base };
    edited();
  };
}

// What it comes to

function fieldOf(path) {
  const [, list, row, rest] = /^(items|show\.hosts)\.(\d+)\.?(.*)$/.exec(path) ?? [];
  if (!list) return form.querySelector(`[data-at="${path}"]`);
  const place = rowsOf(list)[row];
  return place?.querySelector(`[data-at="${rest}"]`) ?? (rest ? null : place?.querySelector('[data-at="minutes"]'));
}

function mark({ at: path, text, way }, tone) {
  const field = fieldOf(path);
  const control = field?.querySelector("[data-kind]");
  if (!control || field.matches("fieldset, ol")) return null;
  const note = document.createElement("small");
  note.className = `note ${tone}`;
  note.id = `note-${path}`;
  note.textContent = text;
  if (way) note.append(" ", Object.assign(document.createElement("a"), { href: way, target: "_blank", textContent: words.way }));
  field.append(note);
  control.setAttribute("aria-describedby", note.id);
  if (tone === "fault") control.setAttribute("aria-invalid", "true");
  return control;
}

function nameOf(path, control) {
  const field = control?.closest(".field");
  const row = control?.closest(".row");
  const label = field?.querySelector(".field-name").textContent ?? path;
  if (!row) return label;
  const place = [...row.parentElement.children].indexOf(row) + 1;
  return `${place} ${row.querySelector('[data-at="sku"] input, [data-at="id"] input')?.value ?? ""} · ${label}`;
}

function listed(fault) {
  const control = mark(fault, "fault");
  const item = document.createElement("li");
  if (!control) {
    item.textContent = [fieldOf(fault.at)?.dataset.name, fault.text].filter(Boolean).join(" · ");
    return item;
  }
  const way = document.createElement("button");
  way.type = "button";
  way.className = "way";
  way.textContent = `${nameOf(fault.at, control)} · ${fault.text}`;
  way.addEventListener("click", () => {
    for (let around = control.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
    control.focus();
  });
  item.append(way);
  return item;
}

function show(preview) {
  latest = preview;
  for (const note of form.querySelectorAll(".note")) note.remove();
  for (const control of form.querySelectorAll("[aria-describedby]")) control.removeAttribute("aria-describedby");
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  const list = document.createElement("ul");
  list.append(...preview.faults.map(listed));
  $("mistakes").replaceChildren(words.mistakes.replace("{n}", preview.faults.length), list);
  $("mistakes").hidden = !preview.faults.length;
  preview.doubts.forEach((doubt) => mark(doubt, "doubt"));
  for (const link of form.querySelectorAll(".file")) link.toggleAttribute("aria-disabled", preview.faults.some((fault) => !fault.way));
  if (preview.sketch) showSketch(preview.sketch);
}

function showSketch(sketch) {
  $("planned").textContent = sketch.planned;
  $("left").textContent = (sketch.left_min < 0 ? words.over : words.spare).replace("{time}", sketch.left);
  $("left").classList.toggle("warn", sketch.left_min < 0);
  $("worth").textContent = sketch.stock_worth;
  $("count").textContent = sketch.items;
  const silent = new Set(sketch.silent);
  rowsOf("items").forEach((row, place) => {
    const line = sketch.rows[place];
    row.querySelector("[data-due]").textContent = line ? clock(line.at_s) : "–";
    row.querySelector("[data-gmv]").textContent = line ? `${line.gmv} · ${line.share}` : "–";
    row.querySelector("[data-silent]").hidden = !silent.has(row.querySelector('[data-at="sku"] input').value.trim());
  });
  drawCurve(sketch.curve);
}

// Rows: add, remove, move

function move(row, by) {
  const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  const { activeElement: focused } = document;
  other[by < 0 ? "before" : "after"](row);
  if (row.contains(focused)) focused.focus(); // a row that is put elsewhere loses it
  say(words.moved.replace("{n}", rowsOf("items").indexOf(row) + 1));
  edited();
}

let dragged = null;

form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const row = button.closest(".row");
  if (button.dataset.add) {
    addRow(button.dataset.add).querySelector("input").focus();
    edited();
  } else if (button.dataset.move) move(row, Number(button.dataset.move));
  else if ("remove" in button.dataset && isSure(button, words.sure)) {
    const near = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (near?.querySelector("input") ?? form.querySelector('[data-add="items"]'))?.focus();
    edited();
  } else if (button.dataset.learned) takeLessons(row ? [row] : rowsOf("items"));
});
form.addEventListener("keydown", (event) => {
  const row = event.target.closest(".item-row");
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!row || !by || !event.altKey) return;
  event.preventDefault();
  move(row, by);
});
form.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".grip")?.closest(".item-row");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setDragImage(dragged, 12, 12);
});
form.addEventListener("dragover", (event) => {
  const row = dragged && event.target.closest(".item-row");
  if (!row) return;
  event.preventDefault();
  if (row === dragged) return;
  const { top, height } = row.getBoundingClientRect();
  row[event.clientY > top + height / 2 ? "after" : "before"](dragged);
});
form.addEventListener("dragend", () => {
  if (dragged) edited();
  dragged = null;
});
form.addEventListener("input", (event) => event.target.id !== "file" && edited());
form.addEventListener("submit", (event) => event.preventDefault());

// Files

async function open(file) {
  if (!file) return;
  const answer = await call("POST", words.read, new Blob([file]));
  if (!answer.ok) return say(told(answer));
  fill(answer.document);
  notes = answer.notes;
  if (words.make) return make(answer.document);
  sayMore(notes);
  edited();
}

$("file").addEventListener("change", (event) => open(event.target.files[0]));
document.addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
document.addEventListener("drop", (event) => {
  const [file] = event.dataTransfer.files;
  if (file) event.preventDefault();
  open(file);
});

// The whole plan: begin it, put it into the show, forget it, rehearse it

const sayMore = (more) => say(more.length ? `${words.hidden} ${more.join(" ")}` : "");

async function make(document) {
  const answer = await call("POST", words.make, { document });
  if (answer.ok) {
    sessionStorage.setItem(NOTES, JSON.stringify(notes)); // told where the plan goes on
    location.assign(answer.url);
  }
  else say(told(answer));
}

async function publish() {
  await keep();
  if (!$("stale").hidden) return;
  if (latest.faults.length) {
    say(problems.plan_has_mistakes);
    return $("mistakes").querySelector("button")?.focus();
  }
  const answer = await call("POST", words.url, { version: known.version });
  if (answer.ok) location.assign(answer.url);
  else if (answer.status === 412) beStale(answer);
  else say(told(answer));
}

// What is typed is kept first: what was learned of an item depends on its category and on the prices of them all.
async function takeLessons(rows) {
  await keep();
  const answer = await call("GET", `${words.url}/lessons`);
  if (!answer.ok) return say(told(answer));
  const known = fillIn(rows, answer.items, decimals);
  if (known) edited();
  say(known ? words.learned.replace("{n}", known).replace("{of}", rows.length) : words.unlearned);
}

async function discard(button) {
  if (!isSure(button, words.sure)) return;
  await keep();
  const answer = await call("DELETE", `${words.url}/draft`);
  if (answer.ok) location.assign(answer.url);
  else say(told(answer));
}

async function tryOnAir(button) {
  if (!isSure(button, words.sure)) return;
  await keep();
  const answer = await call("POST", `${words.url}/try`);
  if (answer.ok) location.assign(answer.url);
  else say(told(answer));
}

if (words.make) {
  form.addEventListener("submit", () => make(collect()));
} else {
  $("publish").addEventListener("click", publish);
  $("discard").addEventListener("click", (event) => discard(event.currentTarget));
  $("theirs").addEventListener("click", () => location.reload());
  $("rehearse").addEventListener("click", async () => {
    await keep();
    rehearse({ url: address(`${words.url}/rehearsal`), curve: latest.sketch?.curve, say, problem: told });
  });
  $("try")?.addEventListener("click", (event) => tryOnAir(event.currentTarget));
  window.addEventListener("pagehide", () => {
    if (dirty || sending) sessionStorage.setItem(words.url, JSON.stringify({ document: collect(), sent, known }));
  });
}

// What was typed in the last moment before a reload is not with the server yet, or on its way: then it is sent again,
// which does no harm if it has arrived meanwhile.
async function takeUp() {
  const left = sessionStorage.getItem(words.url);
  sessionStorage.removeItem(words.url);
  if (!left) return;
  const last = JSON.parse(left);
  const arrived = same(last.sent, opened.document);
  if (same(last.document, opened.document)) return;
  if (!arrived) known = last.known;
  if (!arrived && last.sent) {
    const answer = await call("PUT", `${words.url}/draft`, { document: last.sent, ...known });
    if (answer.ok) known.version = answer.version;
  }
  fill(last.document);
  edited();
}

for (const zone of form.querySelectorAll("[data-zone]")) choose(zone, here());
fill(opened.document);
if (latest) show(latest);
if (words.url) {
  state(known.version ? words.drafted : words.published);
  $("discard").hidden = !known.version;
  sayMore(JSON.parse(sessionStorage.getItem(NOTES) ?? "[]"));
  sessionStorage.removeItem(NOTES);
  $("show-panel").open = !rowsOf("items").length || latest.faults.some((fault) => fault.at.startsWith("show"));
  takeUp();
}
