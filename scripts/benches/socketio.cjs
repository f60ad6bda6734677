// The same job by socket.io and ioredis: `server PORT REDIS_SOCKET` counts, `load PORT BATCH SECONDS FEEDS RUN` sends.
"use strict";
const { createRequire } = require("node:module");
const bring = createRequire(`${process.cwd()}/`);
const [role, port, ...rest] = process.argv.slice(2);
const WARM_UP_S = 1;
const WINDOW = 64;

function serve(path) {
  const { Server } = bring("socket.io");
  const Redis = bring("ioredis");
  const redis = new Redis({ path });
  const io = new Server(Number(port), { maxHttpBufferSize: 1 << 20, perMessageDeflate: false });
  io.on("connection", (socket) => {
    socket.on("events", async (events, done) => {
      const pipeline = redis.pipeline();
      for (const event of events) {
        if (event.type.startsWith("order.")) pipeline.hsetnx("orders", `${event.id}|${event.type}`, event.amount);
        else pipeline.hincrby("counters", event.type, event.n);
      }
      await pipeline.exec();
      done(events.length);
    });
  });
}

function batchOf(mark, size) {
  return Array.from({ length: size }, (_, number) => {
    const common = { time: Date.now(), source: "live-7", viewer: `v${mark}${number}`, nick: "小鱼", level: number % 60, city: "杭州" };
    if (number < size * 0.3) return { type: "order.paid", ...common, id: `${mark}${number}`, sku: "S1", qty: 1, amount: 9900 };
    return { type: "viewer.liked", ...common, n: 1, device: "ios" };
  });
}

async function load(size, seconds, feeds) {
  const { io } = bring("socket.io-client");
  let acked = 0;
  const send = (socket, number, seq) =>
    socket.emit("events", batchOf(`${number}-${seq}-`, size), (n) => {
      acked += n;
      send(socket, number, seq + WINDOW);
    });
  for (let number = 0; number < feeds; number += 1) {
    const socket = io(`http://127.0.0.1:${port}`, { transports: ["websocket"] });
    socket.on("connect", () => {
      for (let seq = 0; seq < WINDOW; seq += 1) send(socket, number, seq);
    });
  }
  const pause = (s) => new Promise((done) => setTimeout(done, 1000 * s));
  await pause(WARM_UP_S);
  const [before, began, cpu] = [acked, performance.now(), process.cpuUsage()];
  await pause(seconds);
  const used = process.cpuUsage(cpu);
  const events = acked - before;
  const told = { events, accepted: events, duplicate: 0, rejected: 0, delays_ms: [] };
  console.log(JSON.stringify({ ...told, seconds: (performance.now() - began) / 1000, cpu_s: (used.user + used.system) / 1e6 }));
  process.exit(0);
}

if (role === "server") serve(rest[0]);
else load(...rest.map(Number));
