/** The calls that the documents name, each made somewhere: at the upstream itself, or through a proxy before it. */

import { auth } from "@trigger.dev/sdk";
import type { AnyRealtimeRun } from "@trigger.dev/sdk";
import type { Local } from "../../dev/serve.ts";

export interface Place {
  /** What the caller takes for Trigger.dev. */
  readonly url: string;
  readonly local: Local;
}

/** Makes one documented call, and gives what the caller got of it, less what differs each time: ids, dates and tokens. */
export type Call = (place: Place) => Promise<unknown>;

/** Under the call's name as the documents write it: the call, and what it has to give. */
export type Calls = Readonly<Record<string, readonly [call: Call, result: unknown]>>;

/** Calls as the app's server does, with the secret key. */
export async function asServer<T>({ url, local }: Place, call: () => Promise<T>): Promise<T> {
  return auth.withAuth({ baseURL: url, accessToken: local.environment.secretKey }, call);
}

/** Calls as a page does, with a public token. */
export async function asPage<T>({ url }: Place, token: string, call: () => Promise<T>): Promise<T> {
  return auth.withAuth({ baseURL: url, accessToken: token }, call);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The first item that fits. Leaves the rest, as a caller does who has seen enough. */
export async function first<T>(items: AsyncIterable<T>, fits: (item: T) => boolean = () => true): Promise<T> {
  for await (const item of items) {
    if (fits(item)) return item;
  }
  throw new Error("no item fits");
}

/** What a run came to. */
export function result(
  { status, payload, output, tags, metadata }: Pick<
    AnyRealtimeRun,
    "status" | "payload" | "output" | "tags" | "metadata"
  >,
): object {
  return { status, payload, output, tags, metadata };
}

/** How a call failed: the status, and the sentence. What wraps the API's answer is taken off. */
export async function failure(call: Promise<unknown>): Promise<{ status: number | undefined; message: string }> {
  try {
    await call;
  } catch (error) {
    const { status, message } = ((error as Error).cause ?? error) as Error & { status?: number };
    return { status, message };
  }
  throw new Error("the call did not fail");
}
