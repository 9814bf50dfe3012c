/** Streams out of runs and into them: `realtime/backend/streams`, `tasks/streams`. */

import { auth, runs, sessions, streams, tasks } from "@trigger.dev/sdk";
import type { draft, patientDraft, report } from "../../dev/tasks.ts";
// A server writes to the stream store itself.
import "../../dev/plain_store.ts";
import { approval, cancelSignal, words } from "../../dev/task_streams.ts";
import { asPage, asServer, type Calls, collect, failure, first, type Place } from "./calls.ts";

const TEXT = "one two three four five six";
const triggerReport = (text = TEXT, wordDelayMs = 20) =>
  tasks.trigger<typeof report>("demo-report", { text, wordDelayMs });

/** Reads so many words, and leaves. */
async function take(count: number, stream: Promise<AsyncIterable<string>>): Promise<string[]> {
  const taken: string[] = [];
  await first(await stream, (word) => taken.push(word) === count);
  return taken;
}

async function approved(place: Place, task: "demo-draft" | "demo-patient-draft", ready: string): Promise<unknown> {
  const handle = await asServer(place, () => tasks.trigger<typeof draft | typeof patientDraft>(task, { to: "Alice" }));
  // The handle's token may watch the run and send into it: so a page can approve.
  return asPage(place, handle.publicAccessToken, async () => {
    await first(
      runs.subscribeToRun(handle.id),
      ({ status, metadata }) => status === ready && metadata?.["draft"] === "Dear Alice",
    );
    await approval.send(handle.id, { approved: true, reviewer: "bob" });
    return (await first(runs.subscribeToRun(handle.id), ({ output }) => output !== undefined)).output;
  });
}

export const STREAM_CALLS: Calls = {
  "streams.define().read": [
    (place) =>
      asServer(place, async () => {
        const { id } = await triggerReport(TEXT, 50);
        const arrived: number[] = [];
        const read: string[] = [];
        for await (const word of await words.read(id)) {
          arrived.push(performance.now());
          if (read.push(word) === 6) break;
        }
        // The task takes 50 ms for each word; a stream that was held back anywhere would arrive at once.
        return { read, isLive: (arrived.at(-1) ?? 0) - (arrived[0] ?? 0) > 100 };
      }),
    { read: TEXT.split(" "), isLive: true },
  ],

  "streams.read, with a public token": [
    async (place) => {
      const { id, publicAccessToken } = await asServer(place, () => triggerReport());
      return asPage(place, publicAccessToken, () => take(6, streams.read<string>(id, "words")));
    },
    TEXT.split(" "),
  ],

  "streams.read, with startIndex and timeoutInSeconds": [
    (place) =>
      asServer(place, async () => {
        const { id } = await triggerReport();
        await runs.poll(id, { pollIntervalMs: 20 });
        // Nothing more comes, so the stream ends when it has been silent for as long as was asked.
        return collect(await words.read(id, { startIndex: 4, timeoutInSeconds: 1 }));
      }),
    ["five", "six"],
  ],

  "streams.read, with a signal": [
    (place) =>
      asServer(place, async () => {
        const { id } = await triggerReport();
        const abort = new AbortController();
        const read: string[] = [];
        for await (const word of await words.read(id, { signal: abort.signal })) {
          if (read.push(word) === 2) abort.abort();
        }
        return read.slice(0, 2);
      }),
    ["one", "two"],
  ],

  "streams.read of another's run": [
    async (place) => {
      const [mine, other] = await asServer(
        place,
        async () => [await triggerReport("hi"), await triggerReport("hi")] as const,
      );
      return asPage(
        place,
        mine.publicAccessToken,
        async () => failure((async () => collect(await words.read(other.id)))()),
      );
    },
    { status: 403, message: "403 Could not subscribe to stream" },
  ],

  "streams.input().send, to a task that waits with once()": [(place) => approved(place, "demo-draft", "EXECUTING"), {
    sent: true,
    reviewer: "bob",
  }],
  "streams.input().send, to a task that waits with wait()": [
    (place) => approved(place, "demo-patient-draft", "WAITING"),
    { sent: true, reviewer: "bob" },
  ],

  "streams.input().send, to a task that listens with on()": [
    (place) =>
      asServer(place, async () => {
        const { id } = await triggerReport("word ".repeat(500).trim(), 10);
        await take(2, words.read(id));
        await cancelSignal.send(id, { reason: "User clicked stop" });
        const { output } = await first(runs.subscribeToRun<typeof report>(id), (run) => run.output !== undefined);
        return output?.stopped;
      }),
    "User clicked stop",
  ],

  "streams.input().send, to a run that is over": [
    (place) =>
      asServer(place, async () => {
        const { id } = await triggerReport("hi", 0);
        await runs.poll(id, { pollIntervalMs: 20 });
        return failure(approval.send(id, { approved: true, reviewer: "late" }));
      }),
    { status: 400, message: "Cannot send to input stream on a completed run" },
  ],

  "sessions.open().channel(): in.send and out.read, with a public token": [
    async (place) => {
      const externalId = `chat-${crypto.randomUUID()}`;
      const channel = sessions.open(externalId).channel("notes");
      await asServer(
        place,
        () =>
          sessions.start({ type: "notes", externalId, taskIdentifier: "demo-add", triggerConfig: { basePayload: {} } }),
      );
      const token = await asServer(
        place,
        () => auth.createPublicToken({ scopes: { read: { sessions: externalId }, write: { sessions: externalId } } }),
      );
      // A page writes to a side channel's `.in`, and reads from its `.out` what a server wrote.
      await asPage(place, token, () => channel.in.send({ note: "hello" }));
      await asServer(place, () => channel.out.append({ note: "thank you" }));
      return asPage(place, token, async () => first(await channel.out.read<{ note: string }>({ timeoutInSeconds: 5 })));
    },
    { note: "thank you" },
  ],
};
