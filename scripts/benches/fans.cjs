// socket.io as one of the fans: prints its port; the first line of standard input is the frame with TIME in it (JSON),
// each line after that a time, which goes out to all at once.
"use strict";

const { createServer } = require("node:http");
const { createInterface } = require("node:readline");
const { Server } = require(require.resolve("socket.io", { paths: [process.cwd()] }));

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });
let frame = null;

createInterface({ input: process.stdin })
  .on("line", (line) => {
    if (frame === null) frame = JSON.parse(line);
    else io.emit("frame", frame.replace("TIME", line));
  })
  .on("close", () => process.exit(0));

http.listen({ port: 0, host: "127.0.0.1", backlog: 1024 }, () => console.log(http.address().port));
