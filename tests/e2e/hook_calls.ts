/** The React hooks of the documents: `realtime/react-hooks`. */

import { type Rendered, renderHook } from "./render_hook.ts";
import {
  useInputStreamSend,
  useRealtimeBatch,
  useRealtimeRun,
  useRealtimeRunsWithTag,
  useRealtimeRunWithStreams,
  useRealtimeStream,
  useRealtimeTaskTrigger,
  useRealtimeTaskTriggerWithStreams,
  useRun,
  useSessionStream,
  useTaskTrigger,
  useWaitToken,
} from "@trigger.dev/react-hooks";
import { auth, runs, sessions, tasks, wait } from "@trigger.dev/sdk";
import type { add, draft, report } from "../../dev/tasks.ts";
import { words } from "../../dev/task_streams.ts";
import { asServer, type Calls, first, type Place, result } from "./calls.ts";

const TEXT = "one two three four";
const WORDS = TEXT.split(" ");
const triggerReport = () => tasks.trigger<typeof report>("demo-report", { text: TEXT, wordDelayMs: 20 });
/** Tokens have no id: two that are made in the same second with the same claims are one, and good for one use together. */
const soon = () => new Date(Date.now() + 60_000 + Math.floor(Math.random() * 86_400_000));
const triggerToken = (place: Place, task: string) =>
  asServer(place, () => auth.createTriggerPublicToken(task, { expirationTime: soon() }));

/** Mounts a component that uses a hook, and unmounts it after `use`. */
async function mounted<T, R>(hook: () => T, use: (rendered: Rendered<T>) => Promise<R>): Promise<R> {
  const rendered = renderHook(hook);
  try {
    await rendered.until(() => true);
    return await use(rendered);
  } finally {
    rendered.unmount();
  }
}

export const HOOK_CALLS: Calls = {
  useRealtimeRun: [
    async (place) => {
      const { id, publicAccessToken: accessToken } = await asServer(place, triggerReport);
      const completed: string[] = [];
      const options = {
        accessToken,
        baseURL: place.url,
        onComplete: ({ status }: { status: string }) => void completed.push(status),
      };
      return mounted(() => useRealtimeRun<typeof report>(id, options), async (hook) => {
        const { run } = await hook.until(({ run }) => run?.output !== undefined && completed.length > 0);
        return { ...(run === undefined ? {} : result(run)), completed };
      });
    },
    {
      status: "COMPLETED",
      payload: { text: TEXT, wordDelayMs: 20 },
      output: { words: 4, stopped: null },
      tags: [],
      metadata: { progress: { current: 4, total: 4 }, status: "done" },
      completed: ["COMPLETED"],
    },
  ],

  useRealtimeRunWithStreams: [
    async (place) => {
      const { id, publicAccessToken: accessToken } = await asServer(place, triggerReport);
      const options = { accessToken, baseURL: place.url };
      return mounted(() => useRealtimeRunWithStreams<typeof report, { words: string }>(id, options), async (hook) => {
        const { run, streams } = await hook.until(({ run, streams }) =>
          run?.output !== undefined && streams.words?.length === 4
        );
        return { output: run?.output, words: streams.words };
      });
    },
    { output: { words: 4, stopped: null }, words: WORDS },
  ],

  useRealtimeRunsWithTag: [
    async (place) => {
      const tag = `user-${crypto.randomUUID()}`;
      const accessToken = await asServer(place, () => auth.createPublicToken({ scopes: { read: { tags: [tag] } } }));
      return mounted(
        () => useRealtimeRunsWithTag<typeof add>(tag, { accessToken, baseURL: place.url }),
        async (hook) => {
          for (const a of [1, 2]) {
            await asServer(place, () => tasks.trigger<typeof add>("demo-add", { a, b: 0 }, { tags: [tag] }));
          }
          const { runs } = await hook.until(({ runs }) =>
            runs.length === 2 && runs.every(({ output }) => output !== undefined)
          );
          return runs.map(({ output }) => output?.sum).sort();
        },
      );
    },
    [1, 2],
  ],

  useRealtimeBatch: [
    async (place) => {
      const handle = await asServer(
        place,
        () => tasks.batchTrigger<typeof add>("demo-add", [1, 2].map((a) => ({ payload: { a, b: 1 } }))),
      );
      const options = { accessToken: handle.publicAccessToken, baseURL: place.url };
      return mounted(() => useRealtimeBatch<typeof add>(handle.batchId, options), async (hook) => {
        const { runs } = await hook.until(({ runs }) =>
          runs.length === 2 && runs.every(({ output }) => output !== undefined)
        );
        return runs.map(({ output }) => output?.sum).sort();
      });
    },
    [2, 3],
  ],

  "useRealtimeStream, of a defined stream": [
    async (place) => {
      const { id, publicAccessToken: accessToken } = await asServer(place, triggerReport);
      const heard: string[] = [];
      const options = {
        accessToken,
        baseURL: place.url,
        timeoutInSeconds: 5,
        throttleInMs: 1,
        onData: (word: string) => void heard.push(word),
      };
      return mounted(() => useRealtimeStream(words, id, options), async (hook) => {
        const { parts } = await hook.until(({ parts }) => parts.length === 4);
        // A component shows words as they come.
        return { parts, heard, isLive: new Set(hook.history.map((seen) => seen.parts.length)).size > 2 };
      });
    },
    { parts: WORDS, heard: WORDS, isLive: true },
  ],

  useTaskTrigger: [
    async (place) => {
      const accessToken = await triggerToken(place, "demo-add");
      return mounted(
        () => useTaskTrigger<typeof add>("demo-add", { accessToken, baseURL: place.url }),
        async (hook) => {
          hook.latest.submit({ a: 1, b: 2 }, { tags: ["from-a-page"] });
          const { handle } = await hook.until(({ handle }) => handle !== undefined);
          const run = await asServer(
            place,
            () => first(runs.subscribeToRun<typeof add>(handle?.id ?? ""), ({ output }) => output !== undefined),
          );
          return { output: run.output, tags: run.tags, mayRead: handle?.publicAccessToken !== undefined };
        },
      );
    },
    { output: { sum: 3 }, tags: ["from-a-page"], mayRead: true },
  ],

  useRealtimeTaskTrigger: [
    async (place) => {
      const accessToken = await triggerToken(place, "demo-add");
      return mounted(
        () => useRealtimeTaskTrigger<typeof add>("demo-add", { accessToken, baseURL: place.url }),
        async (hook) => {
          hook.latest.submit({ a: 3, b: 4 });
          return (await hook.until(({ run }) => run?.output !== undefined)).run?.output;
        },
      );
    },
    { sum: 7 },
  ],

  useRealtimeTaskTriggerWithStreams: [
    async (place) => {
      const accessToken = await triggerToken(place, "demo-report");
      return mounted(
        () =>
          useRealtimeTaskTriggerWithStreams<typeof report, { words: string }>("demo-report", {
            accessToken,
            baseURL: place.url,
          }),
        async (hook) => {
          hook.latest.submit({ text: TEXT, wordDelayMs: 20 });
          const { run, streams } = await hook.until(({ run, streams }) =>
            run?.output !== undefined && streams.words?.length === 4
          );
          return { output: run?.output, words: streams.words };
        },
      );
    },
    { output: { words: 4, stopped: null }, words: WORDS },
  ],

  useWaitToken: [
    async (place) => {
      const { id, publicAccessToken: accessToken } = await asServer(place, () => wait.createToken({ timeout: "10m" }));
      return mounted(() => useWaitToken(id, { accessToken, baseURL: place.url }), async (hook) => {
        hook.latest.complete({ approved: true });
        await hook.until(({ isCompleted }) => isCompleted);
        return (await asServer(place, () => wait.retrieveToken<{ approved: boolean }>(id))).output;
      });
    },
    { approved: true },
  ],

  useInputStreamSend: [
    async (place) => {
      const { id, publicAccessToken: accessToken } = await asServer(
        place,
        () => tasks.trigger<typeof draft>("demo-draft", { to: "Alice" }),
      );
      return mounted(
        () =>
          useInputStreamSend<{ approved: boolean; reviewer: string }>("approval", id, {
            accessToken,
            baseURL: place.url,
          }),
        async (hook) => {
          await hook.until(({ isReady }) => isReady);
          hook.latest.send({ approved: false, reviewer: "carol" });
          return asServer(
            place,
            async () =>
              (await first(runs.subscribeToRun<typeof draft>(id), ({ output }) => output !== undefined)).output,
          );
        },
      );
    },
    { sent: false, reviewer: "carol" },
  ],

  "useRun (SWR)": [
    async (place) => {
      const { id, publicAccessToken: accessToken } = await asServer(place, triggerReport);
      await asServer(place, () => runs.poll(id, { pollIntervalMs: 20 }));
      return mounted(
        () => useRun<typeof report>(id, { accessToken, baseURL: place.url, refreshInterval: 0 }),
        async (hook) => {
          const { run } = await hook.until(({ isLoading, run }) => !isLoading && run !== undefined);
          return { status: run?.status, output: run?.output };
        },
      );
    },
    { status: "COMPLETED", output: { words: 4, stopped: null } },
  ],

  useSessionStream: [
    async (place) => {
      const externalId = `chat-${crypto.randomUUID()}`;
      const { publicAccessToken: accessToken } = await asServer(
        place,
        () =>
          sessions.start({ type: "notes", externalId, taskIdentifier: "demo-add", triggerConfig: { basePayload: {} } }),
      );
      await asServer(place, () => sessions.open(externalId).out.append({ note: "hello" }));
      return mounted(
        () => useSessionStream<{ note: string }>(externalId, { accessToken, baseURL: place.url }),
        async (hook) => (await hook.until(({ records }) => records.length === 1)).records,
      );
    },
    [{ note: "hello" }],
  ],
};
