/**
 * What a stamp costs by itself: plain, signed and encrypted, for a message of an ordinary size.
 *
 * @module
 */
import { encrypted, signed } from "../src/seal.ts";
import type { Sealer, StampContext } from "../src/ports.ts";
import { makeStamp } from "../src/stamp.ts";
import { appendBody, SIGNALS } from "./bodies.ts";
import type { Keys } from "./contenders.ts";
import type { Contest } from "./contest.ts";

/** The bytes of the append whose message a seal binds. */
export const SEALED_BYTES = 4 * 1024;

/** The contest of the three. */
export function sealContests({ signing, secret }: Keys): Contest[] {
  const { payload } = JSON.parse(appendBody("text", SEALED_BYTES)) as { payload: { message: unknown } };
  const context: StampContext = {
    use: "append",
    chat: "chat-1",
    partId: "b7f9a1de-1b1f-4f3e-9a64-0a0a0a0a0a0a",
    trigger: "submit-message",
    messageId: "msg-1",
    messageJson: JSON.stringify(payload.message),
    actionJson: undefined,
  };
  const sealers: Record<string, Sealer | undefined> = {
    plain: undefined,
    signed: signed({ key: signing }),
    encrypted: encrypted({ key: secret }),
  };
  const contestants = Object.entries(sealers).map(([name, sealer]) => ({
    name,
    run: () => makeStamp(SIGNALS, sealer, () => context),
  }));
  return [{ name: "seal", contestants }];
}
