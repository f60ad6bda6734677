// A feed in plain Node, without a package: RFC 6455 over node:net, and Cueroom's ingest protocol on it.
//
//   KEY=… node feed.mjs http://HOST:PORT/v1/shows/SHOW/ingest PRODUCER [HANG_UP_AFTER …] < batches
//
// Standard input holds one batch, a JSON array of events, a line. After the batches HANG_UP_AFTER the feed leaves
// without a word, comes back having forgotten what was acknowledged, and sends everything again.

import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const [CONTINUATION, TEXT, CLOSE, PING, PONG] = [0, 1, 8, 9, 10];

class Connection {
  #socket;
  #chunks;
  #unread = Buffer.alloc(0);

  static async open(url, key) {
    const { hostname, port, host, pathname } = new URL(url);
    const connection = new Connection();
    connection.#socket = connect({ host: hostname, port });
    connection.#chunks = connection.#socket[Symbol.asyncIterator]();
    const nonce = randomBytes(16).toString("base64");
    connection.#socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${key}\r\nConnection: Upgrade\r\n` +
        `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${nonce}\r\n` +
        "Sec-WebSocket-Protocol: cueroom.v1.json\r\n\r\n",
    );
    let head = "";
    while (!head.endsWith("\r\n\r\n")) head += await connection.#read(1);
    const accept = createHash("sha1").update(nonce + ACCEPT_GUID).digest("base64");
    if (!head.includes(accept)) throw new Error(`refused: ${head.split("\r\n")[0]}`);
    return connection;
  }

  send(message) {
    this.#write(TEXT, Buffer.from(JSON.stringify(message)));
  }

  // Who stops listening has left.
  async *messages() {
    let parts = [];
    try {
      for (;;) {
        const { final, opcode, payload } = await this.#frame();
        if (opcode === PING) this.#write(PONG, payload);
        if (opcode === CLOSE) throw new Error(`closed: ${payload.readUInt16BE()} ${payload.subarray(2)}`);
        if (opcode !== TEXT && opcode !== CONTINUATION) continue;
        parts.push(payload);
        if (!final) continue;
        yield JSON.parse(Buffer.concat(parts));
        parts = [];
      }
    } finally {
      this.#socket.end();
    }
  }

  #write(opcode, payload) {
    const { length } = payload;
    const head = Buffer.alloc(length < 126 ? 2 : length < 65536 ? 4 : 10);
    head[0] = 128 | opcode;
    head[1] = 128 | (length < 126 ? length : length < 65536 ? 126 : 127);
    if (head.length === 4) head.writeUInt16BE(length, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
    const mask = randomBytes(4);
    this.#socket.write(Buffer.concat([head, mask, payload.map((byte, place) => byte ^ mask[place % 4])]));
  }

  async #frame() {
    const [first, second] = await this.#read(2);
    let length = second & 127;
    if (length === 126) length = (await this.#read(2)).readUInt16BE();
    else if (length === 127) length = Number((await this.#read(8)).readBigUInt64BE());
    return { final: first >= 128, opcode: first & 15, payload: await this.#read(length) };
  }

  async #read(size) {
    while (this.#unread.length < size) {
      const { done, value } = await this.#chunks.next();
      if (done) throw new Error("the server hung up");
      this.#unread = Buffer.concat([this.#unread, value]);
    }
    const read = this.#unread.subarray(0, size);
    this.#unread = this.#unread.subarray(size);
    return read;
  }
}

// Sends batches and adds up what the server tells of them; true once the last is acknowledged, false when it hung up.
async function feed(connection, told) {
  let [sent, acknowledged, window] = [0, 0, 0];
  connection.send({ hello: { producer } });
  for await (const { welcome, ack, accepted, duplicate, rejected } of connection.messages()) {
    if (welcome) window = welcome.window;
    else {
      acknowledged = ack;
      told.accepted += accepted;
      told.duplicate += duplicate;
      told.rejected.push(...rejected);
    }
    if (acknowledged === batches.length) return true;
    while (sent < batches.length && sent - acknowledged < window) {
      connection.send({ seq: ++sent, events: batches[sent - 1] });
      if (hangUps.delete(sent)) return false;
    }
  }
}

const [url, producer, ...places] = process.argv.slice(2);
const batches = (await text(process.stdin)).trim().split("\n").map((line) => JSON.parse(line));
const hangUps = new Set(places.map(Number));
const told = { accepted: 0, duplicate: 0, rejected: [] };
while (!(await feed(await Connection.open(url, process.env.KEY), told)));
console.log(JSON.stringify(told));
