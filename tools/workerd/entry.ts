/** What `workerd test` calls: runs the tests that were bundled before this, and says how it went. */
import { run } from "./test.ts";

export default {
  async test(): Promise<void> {
    const { passed, failed, skipped, failures } = await run();
    for (const failure of failures) console.log(`✖ ${failure}`);
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    if (passed + failed === 0) throw new Error("no tests were found");
    if (failed > 0) throw new Error(`${failed} tests failed`);
  },
};
