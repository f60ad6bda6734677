// The console's charts: GMV against the plan, orders and online a minute, and in the rundown each item's orders.
"use strict";

(() => {
  const panel = document.querySelector(".charts");
  const rows = new Map(); // minute (ms) → [minute, GMV so far, orders, online]
  const curve = JSON.parse(panel.dataset.planned); // [ms since the show began, planned GMV]
  let planned = plan(); // the same by the clock, once the show has begun by when it did
  const lang = document.documentElement.lang;
  const compact = new Intl.NumberFormat(lang, { notation: "compact", maximumFractionDigits: 1 });
  const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const colour = (name) => getComputedStyle(panel).getPropertyValue(name).trim();
  const MINOR = Number(document.getElementById("insert").dataset.minor); // minor units of the currency in a whole one
  const MINUTE_MS = 60000;
  const DRAW_MS = 2000; // a minute's point need not dance
  let plays = JSON.parse(document.getElementById("live").dataset.plays); // [since (ms), SKU]
  let waiting = null;
  let orders = null; // all orders when the present minute began

  function plan() {
    const begins = Number(document.getElementById("live").dataset.begins);
    return curve.map(([after, sum]) => [begins + after, sum]);
  }

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

  const marks = JSON.parse(panel.dataset.marks); // [ms, kind]
  const marked = new Set(); // cues this page has put among them
  const tones = { cue: "--cue", message: "--person", deed: "--warn" };
  const TAG_LETTERS = 6; // of an SKU; of a longer one its end tells it from the others
  const tagOf = (sku) => (sku.length > TAG_LETTERS ? `…${sku.slice(2 - TAG_LETTERS)}` : sku);

  // Where each item went on air, what was cued and said, and what people released or edited.
  function mark(chart) {
    const { ctx, bbox } = chart;
    const dot = devicePixelRatio;
    const placeOf = (ms) => Math.round(chart.valToPos(ms / 1000, "x", true));
    ctx.save();
    ctx.font = `${10 * dot}px ${getComputedStyle(panel).fontFamily}`;
    ctx.textBaseline = "top";
    ctx.textAlign = "left";
    ctx.fillStyle = colour("--dim");
    let free = 0;
    for (const [since, sku] of plays) {
      const x = placeOf(since);
      ctx.globalAlpha = 0.4;
      ctx.fillRect(x, bbox.top, dot, bbox.height);
      ctx.globalAlpha = 1;
      if (x < free) continue;
      ctx.fillText(tagOf(sku), x + 3 * dot, bbox.top + 8 * dot);
      free = x + ctx.measureText(tagOf(sku)).width + 8 * dot;
    }
    for (const [ms, kind] of marks) {
      ctx.fillStyle = colour(tones[kind]);
      ctx.fill(shape(placeOf(ms), bbox.top, 4 * dot, kind === "deed"));
    }
    ctx.restore();
  }

  // A person's deed is a square, a cue or a message points down: never told by colour alone.
  function shape(x, y, size, square) {
    const path = new Path2D();
    if (square) path.rect(x - size / 1.5, y, size * 1.4, size * 1.4);
    else path.addPath(new Path2D(`M${x - size} ${y}h${2 * size}l${-size} ${1.6 * size}z`));
    return path;
  }

  function addMark(at, kind) {
    if (!marks.some(([ms, known]) => ms === at && known === kind)) marks.push([at, kind]);
  }

  function takeMarks(deed) {
    if (deed) addMark(Number(deed), "deed");
    for (const { dataset, classList } of document.querySelectorAll(".cue[data-issued-at]")) {
      if (marked.has(dataset.cue)) continue;
      marked.add(dataset.cue);
      addMark(Number(dataset.issuedAt), classList.contains("kind-message") ? "message" : "cue");
    }
  }

  const base = (series, axes, scales, right) => ({
    width: 300,
    height: 100,
    padding: [8, right, 0, 0], // both charts end at the same place
    legend: { show: false },
    hooks: { drawAxes: [mark] },
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

  const inWhole = (minor) => (minor == null ? null : minor / MINOR);
  const gmvData = () => {
    const at = [...new Set([...rows.keys(), ...planned.map(([end]) => end)])].sort((a, b) => a - b);
    return [
      at.map((ms) => ms / 1000),
      at.map((ms) => plannedAt(ms) / MINOR),
      at.map((ms) => inWhole(rows.get(ms)?.[1])),
    ];
  };
  const rateData = () => {
    const all = [...rows.values()].sort((a, b) => a[0] - b[0]);
    return [all.map((row) => row[0] / 1000), all.map((row) => row[2]), all.map((row) => row[3])];
  };

  const LEAST = 10; // an axis of a chart in which there is nothing yet
  const fromZero = { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(high ?? 0, LEAST) * 1.08] };
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

  const sold = new Map(); // SKU → minute since the epoch → orders
  const before = new Map(); // SKU → all its orders when the present minute began
  const BARS = 28; // as many of an item's last minutes as its row has room for

  function takeOrders(minute) {
    for (const { dataset } of document.querySelectorAll(".spark")) {
      const { sku } = dataset;
      const all = Number(dataset.orders);
      const series = sold.get(sku) ?? sold.set(sku, new Map()).get(sku);
      if (!series.has(minute) || !before.has(sku)) before.set(sku, all - (series.get(minute) ?? 0));
      series.set(minute, all - before.get(sku));
    }
  }

  function drawSpark(canvas) {
    const series = sold.get(canvas.dataset.sku) ?? new Map();
    const last = [...series].sort((a, b) => a[0] - b[0]).slice(-BARS);
    const most = Math.max(1, ...last.map((point) => point[1]));
    const step = canvas.width / BARS;
    const ctx = canvas.getContext("2d");
    ctx.clearRect(0, 0, canvas.width, canvas.height);
    ctx.fillStyle = colour("--orders");
    last.forEach(([, orders], place) => {
      const height = (canvas.height * orders) / most;
      ctx.fillRect(canvas.width - (last.length - place) * step, canvas.height - height, step - 1, height);
    });
  }

  function draw() {
    waiting = null;
    planned = plan();
    gmv.setData(gmvData());
    rate.setData(rateData());
    document.querySelectorAll(".spark").forEach(drawSpark);
  }

  // The page brings the minutes so far; from then on each frame's totals write the present one, where they are current:
  // of a minute that nobody told of there is nothing to draw.
  function take({ plays: played, deed, time, gmv: soFar, orders: all, online, phase, stale }) {
    const minute = Math.floor(Number(time) / MINUTE_MS) * MINUTE_MS;
    const known = rows.get(minute);
    plays = JSON.parse(played);
    takeMarks(deed);
    if (phase !== "live") return;
    takeOrders(minute / MINUTE_MS);
    if (!known || orders === null) orders = Number(all) - (known?.[2] ?? 0);
    const isStale = (kind) => stale.includes(kind);
    const row = [
      minute,
      isStale("sales") ? (known?.[1] ?? null) : Number(soFar),
      isStale("sales") ? (known?.[2] ?? null) : Number(all) - orders,
      isStale("room") ? (known?.[3] ?? null) : Number(online),
    ];
    if (known && row.every((value, place) => value === known[place])) return;
    rows.set(minute, row);
    waiting ??= setTimeout(draw, DRAW_MS);
  }

  for (const row of JSON.parse(panel.dataset.minutes)) rows.set(row[0], row);
  for (const [sku, pairs] of Object.entries(JSON.parse(panel.dataset.items))) sold.set(sku, new Map(pairs));
  takeMarks();
  draw();
  document.addEventListener("cueroom:frame", (event) => take(event.detail));
})();
