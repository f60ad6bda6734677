// The producer's hands: buttons, keys and messages become commands, each with its answer in place.
"use strict";

(() => {
  const desk = document.getElementById("desk");
  const said = document.getElementById("said");
  const keys = document.getElementById("keys");
  const form = document.getElementById("message");
  const override = document.getElementById("override");
  const papers = JSON.parse(override.dataset.words);
  const ARMED_MS = 2000;
  const SWALLOW_MS = 700;
  const LATE_MS = 2500;
  const sent = new Map(); // command → when, to swallow double presses
  const MOVES = new Set(["next", "present", "undo"]); // decided on what is on screen, not on what is on its way
  let quiet = 0;
  let refused = null; // the command that was refused for want of papers
  let ownRev = 0;
  let edits = Promise.resolve();

  const idempotencyKey = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  function tell(text, tone) {
    clearTimeout(quiet);
    said.textContent = text;
    said.dataset.tone = tone;
    quiet = setTimeout(() => said.replaceChildren(), tone === "bad" ? 8000 : 3000);
  }

  const problems = JSON.parse(said.dataset.problems);
  const doneWord = (name) => said.dataset[`ok${name[0].toUpperCase()}${name.slice(1)}`];

  // A detail is for programs, and so in English: people read of the problem in their own language, and who did what.
  function wordsOf({ code, title, detail, did }) {
    const known = problems[code];
    const more = code === "papers_missing" ? "" : did
      ?.replace(/^\w+/, (name) => doneWord(name) ?? name)
      .replace("(producer", `(${said.dataset.by}`);
    return [known ?? title, more ?? (known && page.lang !== "en" ? "" : detail)].filter(Boolean).join(" — ");
  }

  async function post(body, key) {
    const request = () =>
      fetch(desk.dataset.commands, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": key },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(4000),
      });
    return request().catch(request); // the same key: a second try cannot act twice
  }

  const paintedRev = () => Number(document.getElementById("live").dataset.rev);

  // Whether the screen shows what this producer did last, so that the next edit is decided on it; waits a while.
  const showsOwn = () =>
    new Promise((done) => {
      const end = (shown) => {
        document.removeEventListener("cueroom:frame", look);
        clearTimeout(late);
        done(shown);
      };
      const look = () => paintedRev() >= ownRev && end(true);
      const late = setTimeout(end, LATE_MS, false);
      document.addEventListener("cueroom:frame", look);
      look();
    });

  function isRepeat(command) {
    const name = JSON.stringify(command);
    const repeat = performance.now() - (sent.get(name) ?? -Infinity) < SWALLOW_MS;
    if (!repeat) sent.set(name, performance.now());
    return repeat;
  }

  async function send(command, done = doneWord(command.command) ?? said.dataset.done) {
    tell(said.dataset.sending, "busy");
    override.hidden = true;
    let answer;
    try {
      answer = await post(command, idempotencyKey());
    } catch {
      tell(said.dataset.unsent, "bad");
      return false;
    }
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({ title: `HTTP ${answer.status}` }));
      tell(wordsOf(problem), "bad");
      if (problem.code === "papers_missing") offerOverride(command, problem);
      return false;
    }
    ownRev = Math.max(ownRev, (await answer.json()).rev);
    tell(done, "good");
    return true;
  }

  const lacking = ({ kind, code }) => papers.lacks[code].replace("{paper}", papers.kinds[kind]);

  // An item may go live without its papers all the same, for a reason, unless somebody acts meanwhile.
  function offerOverride(command, { lacks, rev }) {
    refused = { ...command, if_rev: rev };
    const lines = Object.entries(lacks).map(([sku, all]) => `${sku}: ${all.map(lacking).join(" · ")}`);
    document.getElementById("override-lacks").textContent = lines.join("\n");
    override.reset();
    override.hidden = false;
    override.elements.reason.focus();
  }

  // A change of the show goes one after the other, each refused if another person came between: a move is decided on
  // what was on screen when the key was pressed, an edit on what the edit before it made.
  function change(make, done) {
    const seen = paintedRev();
    edits = edits.then(async () => {
      if (!(await showsOwn())) return tell(said.dataset.unsent, "bad"); // what waits must not arrive late
      const command = make();
      if (command) return send({ ...command, if_rev: MOVES.has(command.command) ? seen : paintedRev() }, done);
    });
    return edits;
  }

  // A dangerous button asks for a second press; its own words say so.
  function armed(button) {
    if (!button.dataset.confirm || "localArmed" in button.dataset) return true;
    button.dataset.localArmed = button.dataset.confirm;
    setTimeout(() => delete button.dataset.localArmed, ARMED_MS);
    return false;
  }

  async function press(button) {
    if (!armed(button)) return;
    delete button.dataset.localArmed;
    const command = JSON.parse(button.dataset.command);
    if (isRepeat(command)) return;
    button.dataset.localBusy = "";
    const { done } = button.dataset;
    await ("guarded" in button.dataset ? change(() => command, done) : send(command, done));
    delete button.dataset.localBusy;
  }

  const typing = (target) => target.closest("input, select, textarea, [contenteditable]");

  function toggleKeys(open = keys.hidden) {
    keys.hidden = !open;
    document.getElementById("keys-toggle").setAttribute("aria-expanded", String(open));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-command]");
    if (button) press(button);
    const phrase = event.target.closest("[data-phrase]");
    if (phrase) {
      const now = document.getElementById("live").dataset;
      form.elements.text.value = phrase.dataset.phrase.replace(/\{(next|left|price)\}/g, (_, name) => now[name] || "…");
      form.elements.text.focus();
    }
    if (event.target.closest("#keys-toggle")) toggleKeys();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      toggleKeys(false);
      override.hidden = true;
      document.activeElement?.blur();
    }
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const key = event.key.toLowerCase();
    const button = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((one) => one.offsetParent);
    if (button) press(button);
    else if (key === "m" && form) form.elements.text.focus();
    else if (key === "?") toggleKeys();
    else return;
    event.preventDefault();
  });

  // What other scripts of this page want changed: how to make the command, and what to do when it was carried out.
  document.addEventListener("cueroom:change", async ({ detail: { make, done } }) => {
    const carriedOut = await change(make);
    done?.(carriedOut === true);
  });

  // A button goes with its cue or its row: whoever was on it by key goes on from there, not from the top of the page. On
  // no other button, though: a second press would do what nobody meant.
  let held = null;
  document.addEventListener("focusin", ({ target }) => (held = { target, panel: target.closest(".panel") }));
  document.addEventListener("cueroom:frame", () => {
    if (!held || document.activeElement !== document.body) return;
    const { target, panel } = held;
    held = null;
    if (target.checkVisibility()) return;
    const place = panel?.hasAttribute("tabindex") ? panel : panel?.querySelector("[tabindex]");
    place?.focus({ preventScroll: true });
  });

  override.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = override.querySelector("[data-confirm]");
    if (!armed(button)) return;
    delete button.dataset.localArmed;
    send({ ...refused, reason: override.elements.reason.value.trim() });
  });
  document.getElementById("override-leave").addEventListener("click", () => (override.hidden = true));

  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = form.elements.text.value.trim();
    const to = form.elements.to.value;
    const command = { command: "message", text, ...(to && { to }) };
    if (text && !isRepeat(command) && (await send(command))) form.elements.text.value = "";
  });
})();
