// The console's two charts: GMV against the plan, and orders and online a minute.
"use strict";

(() => {
  const panel = document.querySelector(".charts");
  const rows = new Map(); // minute (ms) → [minute, GMV so far, orders, online]
  const planned = JSON.parse(panel.dataset.planned);
  const lang = document.documentElement.lang;
  const compact = new Intl.NumberFormat(lang, { notation: "compact", maximumFractionDigits: 1 });
  const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const colour = (name) => getComputedStyle(panel).getPropertyValue(name).trim();
  const MINOR = 100;
  const MINUTE_MS = 60000;
  const DRAW_MS = 2000; // a minute's point need not dance
  let plays = JSON.parse(document.getElementById("live").dataset.plays); // [since (ms), SKU]
  let waiting = null;
  let orders = null; // all orders when the present minute began

  const axis = (scale, side, values) => ({
    scale,
    side,
    stroke: colour("--dim"),
    grid: { show: side === 3, stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: `11px ${getComputedStyle(panel).fontFamily}`,
    size: 46,
    values,
  });
  const times = () => ({
    ...axis("x", 2, (_, splits) => splits.map((at) => clock.format(at * 1000))),
    size: 24,
    space: 60,
  });
  const numbers = (_, splits) => splits.map((n) => compact.format(n));

  // Where each item went on air.
  function markItems(chart) {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.fillStyle = colour("--dim");
    ctx.globalAlpha = 0.4;
    for (const [since] of plays) {
      const x = Math.round(chart.valToPos(since / 1000, "x", true));
      ctx.fillRect(x, bbox.top, 1, bbox.height);
    }
    ctx.restore();
  }

  const base = (series, axes, scales, right) => ({
    width: 300,
    height: 100,
    padding: [8, right, 0, 0], // both charts end at the same place
    legend: { show: false },
    hooks: { drawAxes: [markItems] },
    cursor: { show: false },
    scales: { x: { time: true, range: () => span() }, ...scales },
    axes: [times(), ...axes],
    series: [{}, ...series],
  });

  function span() {
    const last = Math.max(planned.at(-1)[0], ...rows.keys());
    return [planned[0][0] / 1000, last / 1000];
  }

  function plannedAt(at) {
    const after = planned.findIndex(([end]) => end >= at);
    if (after <= 0) return after === 0 ? 0 : planned.at(-1)[1];
    const [[from, low], [to, high]] = [planned[after - 1], planned[after]];
    return low + ((high - low) * (at - from)) / (to - from || 1);
  }

  const gmvData = () => {
    const at = [...new Set([...rows.keys(), ...planned.map(([end]) => end)])].sort((a, b) => a - b);
    return [
      at.map((ms) => ms / 1000),
      at.map((ms) => plannedAt(ms) / MINOR),
      at.map((ms) => (rows.has(ms) ? rows.get(ms)[1] / MINOR : null)),
    ];
  };
  const rateData = () => {
    const all = [...rows.values()].sort((a, b) => a[0] - b[0]);
    return [all.map((row) => row[0] / 1000), all.map((row) => row[2]), all.map((row) => row[3])];
  };

  const fromZero = { range: (_, low, high) => [Math.min(0, low ?? 0), (high || 1) * 1.08] };
  const gmv = new uPlot(
    base(
      [
        { scale: "y", stroke: colour("--plan"), width: 1.5, dash: [5, 4], points: { show: false } },
        {
          scale: "y",
          stroke: colour("--gmv"),
          fill: colour("--gmv-fill"),
          width: 2,
          points: { show: false },
          spanGaps: true,
        },
      ],
      [axis("y", 3, numbers)],
      { y: fromZero },
      46,
    ),
    [[], [], []],
    document.getElementById("chart-gmv"),
  );
  const rate = new uPlot(
    base(
      [
        {
          scale: "y",
          fill: colour("--orders"),
          stroke: colour("--orders"),
          width: 0,
          paths: uPlot.paths.bars({ size: [0.7, 14] }),
          points: { show: false },
        },
        { scale: "online", stroke: colour("--online"), width: 1.5, points: { show: false } },
      ],
      [axis("y", 3, numbers), axis("online", 1, numbers)],
      { y: fromZero, online: fromZero },
      0,
    ),
    [[], [], []],
    document.getElementById("chart-rate"),
  );

  const fit = (chart) => {
    const box = chart.root.parentElement;
    if (box.clientWidth && box.clientHeight) chart.setSize({ width: box.clientWidth, height: box.clientHeight });
  };
  new ResizeObserver(() => [gmv, rate].forEach(fit)).observe(panel);

  function draw() {
    waiting = null;
    gmv.setData(gmvData());
    rate.setData(rateData());
  }

  // The page brings the minutes so far; from then on each frame's totals write the present one.
  function take({ plays: played, time, gmv: soFar, orders: all, online, phase }) {
    const minute = Math.floor(Number(time) / MINUTE_MS) * MINUTE_MS;
    const known = rows.get(minute);
    plays = JSON.parse(played);
    if (phase !== "live") return;
    if (!known || orders === null) orders = Number(all) - (known?.[2] ?? 0);
    const row = [minute, Number(soFar), Number(all) - orders, Number(online)];
    if (known && row.every((value, place) => value === known[place])) return;
    rows.set(minute, row);
    waiting ??= setTimeout(draw, DRAW_MS);
  }

  for (const row of JSON.parse(panel.dataset.minutes)) rows.set(row[0], row);
  draw();
  document.addEventListener("cueroom:frame", (event) => take(event.detail));
})();
