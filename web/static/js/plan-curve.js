// The planned GMV over the show as a drawing, with what a rehearsal came to over it.

const WIDTH = 1000;
const HEIGHT = 220;
const ROOM = 0.92; // of the height for the goal, so that more than it still fits
const HOUR_S = 3600;
const HALF_HOUR_S = 1800;

const svg = document.getElementById("curve");

function draw(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.append(draw("title", {})).textContent = text;
  svg.append(element);
  return element;
}

const scale = { length_s: 1, most: 1 };
const x = (s) => ((s / scale.length_s) * WIDTH).toFixed(1);
const y = (gmv) => (HEIGHT * (1 - (ROOM * gmv) / scale.most)).toFixed(1);
const path = (points) => points.map(([s, gmv], place) => `${place ? "L" : "M"}${x(s)} ${y(gmv)}`).join("");

function span(place, part) {
  place.style.setProperty("--at", `${part * 100}%`);
  return place;
}

function label(list, texts) {
  list.replaceChildren(
    ...texts.map(([part, text]) => {
      const item = document.createElement("li");
      item.textContent = text;
      return span(item, part);
    }),
  );
}

const clock = (s) => `${Math.floor(s / HOUR_S)}:${String(Math.floor(s / 60) % 60).padStart(2, "0")}`;

export function drawCurve(curve, played) {
  svg.replaceChildren();
  if (!curve) return;
  const end = curve.points.at(-1)[0];
  scale.length_s = end || 1;
  scale.most = Math.max(curve.goal, ...(played?.high ?? [0]));
  curve.spells.forEach(([since, until], place) => {
    draw("rect", { class: `spell ${place % 2 ? "odd" : ""}`, x: x(since), y: 0, width: x(until - since), height: HEIGHT });
  });
  draw("path", { class: "goal", d: `M0 ${y(curve.goal)}H${WIDTH}` });
  if (played) drawPlayed(played);
  draw("path", { class: "plan", d: path(curve.points) });
  label(
    document.getElementById("curve-ticks"),
    curve.ticks.map(([part, text]) => [1 - (ROOM * part * curve.goal) / scale.most, text]),
  );
  const step = end > 3 * HOUR_S ? HOUR_S : HALF_HOUR_S;
  const hours = Array.from({ length: Math.floor(end / step) + 1 }, (_, n) => [(n * step) / scale.length_s, clock(n * step)]);
  label(document.getElementById("curve-hours"), hours);
}

function drawPlayed({ low, high, middle, cues }) {
  const minutes = (line) => line.map((gmv, minute) => [minute * 60, gmv]);
  draw("path", { class: "range", d: `${path(minutes(low))}${path(minutes(high).reverse()).replace("M", "L")}Z` });
  draw("path", { class: "middle", d: path(minutes(middle)) });
  for (const cue of cues) draw("path", { class: "cue", d: `M${x(cue.at_s)} ${HEIGHT}v-14` });
}

export { clock };
