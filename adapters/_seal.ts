/**
 * The seal that an environment asks for. Its code (and with it jose) is loaded only then.
 *
 * @module
 */
import type { Options } from "../src/options.ts";
import type { Sealer, StampContext } from "../src/ports.ts";
import type { Setup } from "./_environment.ts";
import { EnvironmentError } from "./_variables.ts";

const PROBE: StampContext = {
  use: "append",
  chat: "probe",
  partId: undefined,
  trigger: undefined,
  messageId: undefined,
  messageJson: undefined,
  actionJson: undefined,
};

/** The options of an environment, with its seal. Rejects with `EnvironmentError` for a key that cannot be used. */
export async function withSeal({ options, seal }: Setup): Promise<Setup["options"] & Pick<Options, "seal">> {
  if (seal === undefined) return options;
  const { encrypted, signed } = await import("../src/seal.ts");
  try {
    const { key } = seal;
    const sealer: Sealer = seal.kind === "signed" ? signed({ key }) : encrypted({ key });
    // Whether a key's two halves belong together shows when it is used, and that is not for the first message to find out.
    await sealer.seal(null, PROBE);
    return { ...options, seal: sealer };
  } catch (error) {
    const why = error instanceof TypeError
      ? error.message.replace("Cannot use option `key`: ", "")
      : "it cannot be used";
    throw new EnvironmentError(`EDGE_SEAL_KEY: ${why}`);
  }
}
