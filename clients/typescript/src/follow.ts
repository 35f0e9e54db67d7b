import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print, type GraphQLFormattedError } from "graphql";

/** What clients of graphql-ws and of graphql-sse have in common. */
export interface Subscriber {
  subscribe(payload: { query: string; variables: Record<string, unknown> }, sink: Sink): () => void;
}

interface Sink {
  next(result: unknown): void;
  error(error: unknown): void;
  complete(): void;
}

interface Result {
  data?: unknown;
  errors?: readonly GraphQLFormattedError[];
}

export interface FollowOptions {
  /** Ends the subscription; what has arrived is still shown. */
  signal?: AbortSignal;
  /** How many updates wait in memory for one who takes them slowly; 1,000 by default. The server keeps the rest. */
  most?: number;
}

/** What the server answered in place of an update. */
export class FollowError extends Error {
  constructor(readonly errors: readonly GraphQLFormattedError[]) {
    super(errors.map((error) => error.message).join("\n"));
    this.name = "FollowError";
  }
}

/** After these the same subscription can be made again. */
const PASSING = new Set(["TOO_SLOW", "UNAVAILABLE"]);
/** How long to wait before that, in milliseconds. */
const PAUSE = 500;

/**
 * The updates of a subscription: none is missed and none comes twice, however often the connection is lost.
 *
 * The document has one field, selects its `cursor`, and passes the variable `after` on to it. When the client connects again it
 * sends the variables as they are then, so `after` in them always is the place of the last update that has arrived.
 *
 * Throws a {@link FollowError} when the server refuses, and what the client gives up with.
 */
export async function* follow<Data, Variables extends { after?: unknown }>(
  client: Subscriber,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { signal, most = 1000 }: FollowOptions = {},
): AsyncGenerator<Data, void, undefined> {
  const payload = { query: print(document), variables: { ...variables } as Record<string, unknown> };
  const waiting: Data[] = [];
  let end: { error?: unknown } | undefined;
  let stop: (() => void) | undefined;
  let paused: ReturnType<typeof setTimeout> | undefined;
  let wake = () => {};

  const leave = () => {
    clearTimeout(paused);
    paused = undefined;
    stop?.();
    stop = undefined;
  };
  const finish = (error?: unknown) => {
    end ??= error === undefined ? {} : { error };
    leave();
    wake();
  };
  const refused = (errors: readonly GraphQLFormattedError[]) => {
    if (!errors.every((error) => PASSING.has(String(error.extensions?.["code"])))) return finish(new FollowError(errors));
    leave();
    payload.variables["after"] = errors[0]?.extensions?.["cursor"] ?? payload.variables["after"];
    paused = setTimeout(start, PAUSE);
  };
  const start = () => {
    paused = undefined;
    let mine = true;
    const unsubscribe = client.subscribe(payload, {
      next: (result) => {
        if (!mine) return;
        const { data, errors } = result as Result;
        if (errors?.length) return refused(errors);
        const cursor = cursorOf(data);
        if (cursor === undefined) return finish(new TypeError("Select `cursor` in the field that is followed."));
        payload.variables["after"] = cursor;
        waiting.push(data as Data);
        // What comes meanwhile is not lost: the subscription goes on after its last update, when these have been taken.
        if (waiting.length >= most) leave();
        wake();
      },
      error: (error) => {
        if (mine) isErrors(error) ? refused(error) : finish(error);
      },
      complete: () => {
        if (mine) finish();
      },
    });
    stop = () => {
      mine = false;
      unsubscribe();
    };
  };
  const abort = () => finish();

  signal?.addEventListener("abort", abort);
  try {
    if (signal?.aborted) return;
    start();
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) {
        yield next;
      } else if (end) {
        if ("error" in end) throw end.error;
        return;
      } else if (stop || paused) {
        await new Promise<void>((resolve) => (wake = resolve));
      } else {
        start();
      }
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    leave();
  }
}

function cursorOf(data: unknown): string | undefined {
  const [update] = Object.values(data as Record<string, { cursor?: string } | null>);
  return update?.cursor;
}

function isErrors(error: unknown): error is readonly GraphQLFormattedError[] {
  return Array.isArray(error);
}
