// The producer's hands: buttons, keys and messages become commands, each with its answer in place.
"use strict";

(() => {
  const desk = document.getElementById("desk");
  const said = document.getElementById("said");
  const keys = document.getElementById("keys");
  const form = document.getElementById("message");
  const ARMED_MS = 2000;
  const SWALLOW_MS = 700;
  const UNDO_MS = 10000;
  const sent = new Map(); // command → when, to swallow double presses
  let undo = null;
  let quiet = 0;

  const idempotencyKey = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  function tell(text, tone, action) {
    clearTimeout(quiet);
    said.replaceChildren(document.createTextNode(text));
    said.dataset.tone = tone;
    if (action) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "act";
      button.append(action.label, " ");
      button.append(Object.assign(document.createElement("kbd"), { textContent: "U" }));
      button.addEventListener("click", action.run);
      said.append(" ", button);
    }
    quiet = setTimeout(() => said.replaceChildren(), action ? UNDO_MS : tone === "bad" ? 8000 : 3000);
  }

  const problems = JSON.parse(said.dataset.problems);
  const wordsOf = ({ code, title, detail }) => [problems[code] ?? title, detail].filter(Boolean).join(" — ");

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

  async function send(command, { guarded = false, done } = {}) {
    const name = JSON.stringify(command);
    if (performance.now() - (sent.get(name) ?? -Infinity) < SWALLOW_MS) return false;
    sent.set(name, performance.now());
    const root = document.getElementById("live").dataset;
    const before = root.live;
    const body = guarded ? { ...command, if_rev: Number(root.rev) } : command;
    tell(said.dataset.sending, "busy");
    let answer;
    try {
      answer = await post(body, idempotencyKey());
    } catch {
      tell(said.dataset.unsent, "bad");
      return false;
    }
    if (!answer.ok) {
      tell(wordsOf(await answer.json().catch(() => ({ title: `HTTP ${answer.status}` }))), "bad");
      return false;
    }
    finish(command, before, done);
    return true;
  }

  function finish(command, before, done) {
    const words = done ?? said.dataset[`ok${command.command[0].toUpperCase()}${command.command.slice(1)}`];
    const moved = (command.command === "next" || command.command === "present") && before && !done;
    undo = moved ? () => takeBack(before) : null;
    tell(words ?? said.dataset.done, "good", moved && { label: said.dataset.undo, run: undo });
    if (moved) setTimeout(forget, UNDO_MS, undo);
  }

  const forget = (which) => {
    if (undo === which) undo = null;
  };

  function takeBack(sku) {
    undo = null;
    send({ command: "present", sku }, { done: said.dataset.undone });
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
    button.dataset.localBusy = "";
    await send(JSON.parse(button.dataset.command), { guarded: "guarded" in button.dataset, done: button.dataset.done });
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
      form.elements.text.value = phrase.dataset.phrase.replace(/\{(next|left|price)\}/g, (_, name) => now[name]);
      form.elements.text.focus();
    }
    if (event.target.closest("#keys-toggle")) toggleKeys();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      toggleKeys(false);
      document.activeElement?.blur();
    }
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const key = event.key.toLowerCase();
    const button = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((one) => one.offsetParent);
    if (button) press(button);
    else if (key === "m" && form) form.elements.text.focus();
    else if (key === "u" && undo) undo();
    else if (key === "?") toggleKeys();
    else return;
    event.preventDefault();
  });

  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = form.elements.text.value.trim();
    const to = form.elements.to.value;
    if (text && (await send({ command: "message", text, ...(to && { to }) }))) form.elements.text.value = "";
  });
})();
