// A proxy between a client and the server, which cuts connections.

import net from "node:net";
import { once } from "node:events";

/** Listens on a port of its own and passes on what comes, until somebody cuts. */
export class Proxy {
  #server;
  #open = new Set();
  /** How many connections were made through it. */
  connections = 0;
  /** How many of them it has cut. */
  cuts = 0;

  /** Starts one in front of `origin`; its own address is `origin` of what is returned. */
  static async start(origin) {
    const proxy = new Proxy();
    const { hostname, port } = new URL(origin);
    proxy.#server = net.createServer((client) => proxy.#pass(client, net.connect(Number(port), hostname)));
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    proxy.origin = `http://127.0.0.1:${proxy.#server.address().port}`;
    return proxy;
  }

  #pass(client, server) {
    this.connections += 1;
    const pair = { client, server };
    this.#open.add(pair);
    for (const [from, to] of [[client, server], [server, client]]) {
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        to.destroy();
        this.#open.delete(pair);
      });
    }
  }

  /** Cuts every connection, in the middle of whatever it carries. */
  cut() {
    for (const { client, server } of this.#open) {
      this.cuts += 1;
      client.resetAndDestroy();
      server.destroy();
    }
  }

  close() {
    this.cut();
    this.#server.close();
  }
}
