/** The demo tasks' streams, in a file of their own: tasks and their callers share the definitions. */

import { streams } from "@trigger.dev/sdk";

/** What `demo-report` writes: one word at a time. */
export const words = streams.define<string>({ id: "words" });
/** What `demo-draft` waits for. */
export const approval = streams.input<{ approved: boolean; reviewer: string }>({ id: "approval" });
/** What `demo-report` heeds while it writes. */
export const cancelSignal = streams.input<{ reason?: string }>({ id: "cancel" });
