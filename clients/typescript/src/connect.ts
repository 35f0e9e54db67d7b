import { createClient, type Client, type ClientOptions } from "graphql-ws";

export interface ConnectOptions {
  /** The API, such as `wss://jackfield.example/graphql`. */
  url: string;
  /** An API key or a session token. A function is asked before each connection, so that it can fetch a fresh one. */
  token: string | (() => string | Promise<string>);
  /** The class of sockets where there is none built in, as in Node.js before 22: that of the package `ws`. */
  webSocketImpl?: unknown;
  /** Waits before the next attempt; up to five seconds by default. */
  retryWait?: ClientOptions["retryWait"];
}

/** The server closes a socket with it when the token is not accepted, or not any more. */
const FORBIDDEN = 4403;

/**
 * A client of graphql-ws that notices dead connections and never gives up, but for one whose token is refused: with a fresh one
 * when there was a connection before, and not at all when it is refused at once.
 */
export function connect({ url, token, webSocketImpl, retryWait = backOff }: ConnectOptions): Client {
  let accepted = false;
  let refused = false;
  return createClient({
    url,
    webSocketImpl,
    connectionParams: async () => ({ Authorization: `Bearer ${typeof token === "function" ? await token() : token}` }),
    keepAlive: 12_000,
    connectionAckWaitTimeout: 10_000,
    retryAttempts: Infinity,
    retryWait,
    shouldRetry: () => !refused,
    on: {
      connected: () => (accepted = true),
      closed: (event) => {
        refused = !accepted && (event as { code?: unknown }).code === FORBIDDEN;
        accepted = false;
      },
    },
  });
}

function backOff(attempt: number): Promise<void> {
  const longest = Math.min(5000, 200 * 2 ** attempt);
  return new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
}
