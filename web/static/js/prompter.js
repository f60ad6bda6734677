// The host's glass: what this device was told to look like, scrolling by hand, clicker or pedal, and a screen that
// stays on. Each option may stand in the address (`/shows/…/options` lists them) and is remembered by this device.
"use strict";

(() => {
  const glass = document.getElementById("glass");
  const dials = document.getElementById("dials");
  const blackout = document.getElementById("blackout");
  const keys = document.getElementById("keys");
  const asked = new URLSearchParams(location.search);
  const STORE = "cueroom-prompter";
  const touch = matchMedia("(pointer: coarse)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const script = () => document.getElementById("script");
  const kept = JSON.parse(localStorage.getItem(STORE) ?? "{}");
  const switched = (name) => (asked.has(name) ? asked.get(name) !== "0" : Boolean(kept[name]));
  const dial = {
    size: Number(asked.get("size")) || kept.size || 1,
    speed: Number(asked.get("speed")) || kept.speed || 3, // lines in ten seconds
    mirror: switched("mirror"),
    steady: switched("steady"),
    plan: switched("plan"),
    theme: (asked.get("theme") ?? kept.theme) === "light" ? "light" : "dark",
  };
  let rolling = false;
  let place = 0;
  let last = 0;
  let shown = 0;
  let sku = script().dataset.sku;

  const clamp = (value, low, high) => Math.min(high, Math.max(low, Math.round(value * 20) / 20));

  function apply() {
    dial.size = clamp(dial.size, 0.6, 1.6);
    dial.speed = clamp(dial.speed, 0.5, 12);
    glass.style.setProperty("--size", dial.size);
    glass.toggleAttribute("data-mirror", dial.mirror);
    glass.toggleAttribute("data-steady", dial.steady);
    glass.toggleAttribute("data-plan", dial.plan);
    page.dataset.theme = dial.theme;
    localStorage.setItem(STORE, JSON.stringify(dial));
  }

  // `hint`, for newcomers: how the script is started.
  function tell(hint) {
    const parts = [`${dials.dataset.speed} ${dial.speed}`, `${dials.dataset.size} ${Math.round(dial.size * 100)}%`];
    if (!rolling) parts.unshift(dials.dataset.paused);
    if (dial.mirror) parts.push(dials.dataset.mirror);
    if (hint) parts.push(hint);
    dials.textContent = parts.join(" · ");
  }

  // What was just changed is large for a moment.
  function enlarge() {
    dials.dataset.fresh = "";
    clearTimeout(shown);
    shown = setTimeout(() => delete dials.dataset.fresh, 2500);
  }

  const lineHeight = () => parseFloat(getComputedStyle(script()).lineHeight);

  function roll(at) {
    if (!rolling) return;
    const box = script();
    if (Math.abs(box.scrollTop - place) > lineHeight()) place = box.scrollTop; // someone scrolled by hand
    place += ((at - last) / 10000) * dial.speed * lineHeight();
    last = at;
    box.scrollTop = place;
    requestAnimationFrame(roll);
  }

  function toggleRoll() {
    rolling = !rolling;
    place = script().scrollTop;
    last = performance.now();
    if (rolling) requestAnimationFrame(roll);
  }

  const scrollTo = (top) => {
    place = top;
    script().scrollTo({ top, behavior: calm.matches ? "auto" : "smooth" });
  };

  function segment(step) {
    const box = script();
    const tops = [...box.querySelectorAll(".segment")].map((part) => part.offsetTop - box.firstElementChild.offsetTop);
    const here = box.scrollTop;
    const next = step > 0 ? tops.find((top) => top > here + 4) : tops.findLast((top) => top < here - 4);
    if (next !== undefined) scrollTo(next);
  }

  function toggleBlackout() {
    blackout.hidden = !blackout.hidden;
    if (blackout.hidden) reportCues(); // what came in the dark is seen now
  }

  const change = (name, by) => () => {
    dial[name] += by;
    apply();
  };
  const actions = {
    " ": toggleRoll,
    enter: toggleRoll,
    arrowdown: () => scrollTo(script().scrollTop + lineHeight()),
    arrowup: () => scrollTo(script().scrollTop - lineHeight()),
    arrowright: () => segment(1),
    pagedown: () => segment(1),
    arrowleft: () => segment(-1),
    pageup: () => segment(-1),
    home: () => scrollTo(0),
    "+": change("size", 0.05),
    "=": change("size", 0.05),
    "-": change("size", -0.05),
    "]": change("speed", 0.5),
    "[": change("speed", -0.5),
    m: () => {
      dial.mirror = !dial.mirror;
      apply();
    },
    t: () => {
      dial.theme = dial.theme === "dark" ? "light" : "dark";
      apply();
    },
    b: toggleBlackout,
    ".": toggleBlackout, // what a clicker's blackout button sends
    "?": () => (keys.hidden = !keys.hidden),
    escape: () => (keys.hidden = true),
    f: () => (document.fullscreenElement ? document.exitFullscreen() : page.requestFullscreen()),
  };

  document.addEventListener("keydown", (event) => {
    const act = actions[event.key.toLowerCase()];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
    tell();
    enlarge();
  });

  // A tap or a click on the script does what the space bar does; dragging it scrolls.
  glass.addEventListener("click", (event) => {
    if (!event.target.closest("#script")) return;
    toggleRoll();
    tell();
    enlarge();
  });

  document.addEventListener("cueroom:frame", () => {
    if (script().dataset.sku === sku) return;
    sku = script().dataset.sku;
    place = 0;
    script().scrollTop = 0;
  });

  async function stayAwake() {
    if (document.hidden || !navigator.wakeLock) return;
    await navigator.wakeLock.request("screen").catch(() => {}); // refused on a low battery: the screen still works
  }
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();
  apply();
  tell(touch.matches ? dials.dataset.touched : dials.dataset.typed);
})();
