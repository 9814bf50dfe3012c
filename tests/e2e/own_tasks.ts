/** Somebody else's tasks, as a module that `startLocal` is given. */

import { metadata, task } from "@trigger.dev/sdk";

export const double = task({
  id: "double",
  onStart: async () => void metadata.set("started", true),
  run: async ({ n }: { n: number }) => ({ doubled: n * 2 }),
});
