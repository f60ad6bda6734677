// What every live screen does: keep show time, tick its clocks, judge its own link, report what it painted.
"use strict";

const SILENT_MS = 2500; // no frame for so long: say so
const REDIAL_MS = 6000; // a socket this silent is dead even if nobody closed it
const TICK_MS = 250;
const TICKS_A_SECOND = 4; // all clocks step together, so that the page is painted once for them

const screenLink = { time: 0, at: 0, speed: 1, lost: false, dialled: 0, connection: null };
const reported = new Set();
const REPORT_MS = 3000; // how often a screen tells how late it paints
let ticks = 0;
let told = 0;
const page = document.documentElement;

const live = () => document.getElementById("live");
const showNow = (at = performance.now()) => screenLink.time + (at - screenLink.at) * screenLink.speed;

function hms(ms) {
  const all = Math.floor(Math.max(0, ms) / 1000);
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

const wallForms = {
  now: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  short: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  date: { month: "numeric", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
};
const wallFormats = {};
const wallClock = (form, at) =>
  (wallFormats[form] ??= new Intl.DateTimeFormat(page.lang, wallForms[form])).format(at);

const CLOCKS = "[data-until], [data-since], [data-ago], [data-zone], [data-wall]";

function tickClocks(now) {
  for (const element of document.querySelectorAll(CLOCKS)) tickClock(element, element.dataset, now);
}

function tickClock(element, clock, now) {
  if (clock.until) {
    const left = Number(clock.until) - now;
    write(element, hms("both" in clock ? Math.abs(left) : Math.ceil(left / 1000) * 1000));
  }
  if (clock.since) write(element, hms(now - clock.since));
  if (clock.ago) write(element, hms(now - clock.ago));
  if (clock.zone) {
    const left = Number(clock.zone) - now;
    clock.localZone = left < 0 ? "over" : left < 60000 ? "soon" : "fine";
  }
  if (clock.wall) write(element, clock.wall === "now" ? wallClock("now", now) : wallClock(clock.form ?? "short", Number(clock.wall)));
}

function hideExpired(now) {
  for (const cue of document.querySelectorAll("[data-expires-at]")) cue.hidden = Number(cue.dataset.expiresAt) <= now;
}

function judgeLink(at) {
  const silent = at - screenLink.at;
  const lost = silent > SILENT_MS;
  if (lost !== screenLink.lost) {
    screenLink.lost = lost;
    page.classList.toggle("is-lost", lost);
    page.classList.remove("is-ended");
    const banner = document.getElementById("lost");
    if (banner) banner.hidden = !lost;
  }
  if (!lost) return;
  const seconds = document.getElementById("lost-s");
  if (seconds) write(seconds, String(Math.floor(silent / 1000)));
  if (silent > REDIAL_MS && at - screenLink.dialled > REDIAL_MS) {
    redial(at);
    askWhetherItEnded();
  }
}

// A socket that is refused does not say why; the page does, where the link of this screen has run out or was taken back.
async function askWhetherItEnded() {
  const answer = await fetch(location.pathname, { method: "HEAD" }).catch(() => null);
  page.classList.toggle("is-ended", screenLink.lost && [401, 403].includes(answer?.status));
}

// A peer that vanished without a word leaves its socket open: start over with a new one.
function redial(at) {
  screenLink.dialled = at;
  const old = document.getElementById("link");
  if (!old || !window.htmx) return;
  const fresh = old.cloneNode(false);
  fresh.removeAttribute("data-htmx-powered");
  old.replaceWith(fresh);
  screenLink.connection?.socket?.close();
  window.htmx.process(fresh);
}

function tick() {
  const at = performance.now();
  judgeLink(at);
  const now = showNow(at);
  hideExpired(now);
  ticks += 1;
  if (!screenLink.lost && ticks % TICKS_A_SECOND === 0) tickClocks(now);
}

function takeFrame() {
  const root = live();
  if (!root) return;
  screenLink.time = Number(root.dataset.time);
  screenLink.speed = Number(root.dataset.speed) || 1;
  screenLink.at = performance.now();
  ticks = -1;
  tick();
  document.dispatchEvent(new CustomEvent("cueroom:frame", { detail: root.dataset }));
  const { time } = root.dataset;
  if (!isAwaited()) return; // to wait for a paint is to have one more
  requestAnimationFrame(() => requestAnimationFrame(() => painted(Number(time))));
}

const isDelayDue = () => performance.now() - told >= REPORT_MS;

// Whether anybody waits to hear what this page has painted.
const isAwaited = () => isDelayDue() || unreported().length > 0;

function painted(time) {
  if (document.hidden) return;
  reportDelay(time);
  reportCues();
}

// The server subtracts on its own clock: this one may be wrong.
function reportDelay(time) {
  const socket = screenLink.connection?.socket;
  if (socket?.readyState !== WebSocket.OPEN || !isDelayDue()) return;
  told = performance.now();
  socket.send(JSON.stringify({ time }));
}

// The cues in sight that nobody has been told of yet.
function unreported() {
  if (document.getElementById("blackout")?.hidden === false) return []; // nobody can read it
  const mine = page.classList.contains("console") ? '[data-audience="producer"]' : "";
  const issued = document.querySelectorAll(`[data-cue][data-state="issued"]${mine}`);
  return [...issued].filter((cue) => !cue.hidden && !reported.has(cue.dataset.cue));
}

function reportCues() {
  for (const cue of unreported()) {
    const id = cue.dataset.cue;
    reported.add(id);
    const show = cue.closest("[data-show]").dataset.show;
    const again = () => reported.delete(id);
    fetch(`/shows/${show}/cues/${id}/shown`, { method: "POST", keepalive: true })
      .then((answer) => answer.status >= 500 && again())
      .catch(again);
  }
}

document.addEventListener("htmx:ws:before:connection", (event) => {
  screenLink.connection = event.detail.connection;
});
document.addEventListener("htmx:after:swap", takeFrame);

// What only works by script is locked until every script has run: what was pressed before would go astray.
document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form[inert]")) form.inert = false;
});

if (live()) {
  takeFrame();
  setInterval(tick, TICK_MS);
} else {
  tickClocks(Date.now());
}
