/** Somebody's tasks, in the TypeScript that Node runs. */

import { metadata, task } from "@trigger.dev/sdk";

export const double = task({
  id: "double",
  run: async ({ n }: { n: number }) => {
    metadata.set("asked", n);
    return { doubled: n * 2, told: process.env["TOLD"] };
  },
});
