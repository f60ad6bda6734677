// The rehearsal: simulated shows come in one by one, their cues and their range are drawn over the plan.

import { fill } from "./forms.js";
import { clock, drawCurve } from "./plan-curve.js";

const panel = document.getElementById("rehearsal");
const told = document.getElementById("rehearsed");
const stop = document.getElementById("stop");
const cues = document.getElementById("cues");
const kinds = JSON.parse(document.getElementById("plan").dataset.kinds ?? "{}");
let running = null;

async function* lines(stream) {
  let rest = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    const all = (rest + part).split("\n");
    rest = all.pop();
    yield* all;
  }
}

function part(name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

function listCues(list) {
  cues.replaceChildren(
    ...list.map((cue) => {
      const item = document.createElement("li");
      item.append(part("num", clock(cue.at_s)), part("label", kinds[cue.kind] ?? cue.kind), part("", cue.text));
      item.title = cue.explain;
      return item;
    }),
  );
}

export async function rehearse({ url, curve, say, problem }) {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  try {
    const answer = await fetch(url, { method: "POST", signal });
    if (!answer.ok) return say(problem(await answer.json()));
    panel.hidden = false;
    stop.hidden = false;
    cues.replaceChildren();
    told.textContent = fill(told.dataset.playing, { n: 1, of: "…" });
    for await (const line of lines(answer.body)) show(JSON.parse(line), curve);
  } catch (error) {
    if (!signal.aborted) say(String(error));
  } finally {
    stop.hidden = true;
  }
}

function show(view, curve) {
  const { n, of } = view;
  const playing = n < of ? ` ${fill(told.dataset.playing, { n: n + 1, of })}` : "";
  told.textContent = fill(told.dataset.range, { ...view.words, of: n }) + playing;
  if (n === 1) listCues(view.cues);
  drawCurve(curve, view);
}

stop?.addEventListener("click", () => running?.abort());
