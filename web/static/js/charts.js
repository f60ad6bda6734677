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
  let seen = "";

  const axis = (scale, side, values) => ({
    scale,
    side,
    stroke: colour("--dim"),
    grid: { show: side === 3, stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
    size: 46,
    values,
  });
  const times = () => ({
    ...axis("x", 2, (_, splits) => splits.map((at) => clock.format(at * 1000))),
    size: 24,
    space: 60,
  });
  const numbers = (_, splits) => splits.map((n) => compact.format(n));

  const base = (series, axes, scales) => ({
    width: 300,
    height: 100,
    padding: [8, 4, 0, 0],
    legend: { show: false },
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
    ),
    [[], [], []],
    document.getElementById("chart-rate"),
  );

  const fit = (chart) => {
    const box = chart.root.parentElement;
    if (box.clientWidth && box.clientHeight) chart.setSize({ width: box.clientWidth, height: box.clientHeight });
  };
  new ResizeObserver(() => [gmv, rate].forEach(fit)).observe(panel);

  function take(minutes) {
    if (minutes === seen) return;
    seen = minutes;
    for (const row of JSON.parse(minutes)) rows.set(row[0], row);
    gmv.setData(gmvData());
    rate.setData(rateData());
  }

  document.addEventListener("cueroom:frame", (event) => take(event.detail.minutes));
  take(document.getElementById("live").dataset.minutes);
})();
