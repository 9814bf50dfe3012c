/**
 * Cloudflare Workers: signals from `request.cf`, which the platform sets beside the request and no
 * client can, and a ready Worker.
 *
 * Deploy it with the `wrangler.jsonc` of this repository, or from your own:
 *
 * ```ts
 * export { default } from "edgestamp/cloudflare";
 * ```
 *
 * The ready Worker stamps `__cf` with the four fields of the page "Trusted edge signals". With seals or
 * logs it is the default export of `edgestamp/cloudflare-sealed`. For other fields or policies, write its eight lines yourself:
 *
 * ```ts
 * import { createProxy } from "edgestamp";
 * import { cloudflare } from "edgestamp/cloudflare";
 *
 * const proxy = createProxy({ namespace: "__cf", trust: cloudflare({ fields: ["botScore", "city"], missing: "null" }) });
 * export default {
 *   fetch: (request: Request, env: unknown, ctx: { waitUntil(promise: Promise<unknown>): void }) =>
 *     proxy.fetch(request, { env, waitUntil: (promise) => ctx.waitUntil(promise) }),
 * };
 * ```
 *
 * @module
 */
import { CLOUDFLARE_FIELDS, type CloudflareField, type CloudflareSignals } from "./_cloudflare_fields.ts";
import { CLOUDFLARE_CONSUMED } from "./_cloudflare_headers.ts";
import { REFERENCE } from "./_cloudflare_reference.ts";

export { default } from "./cloudflare_worker.ts";
export type { CloudflareField, CloudflareSignals } from "./_cloudflare_fields.ts";
export type { CloudflareWorker } from "./_worker.ts";

/** What stands for a signal that is absent. A bot score of 0 is not absent: Bot Management was there and did not run. */
export type Missing =
  /** `0` or `""` in the reference's four fields, as on Trigger.dev's page; `null` in the others. The default. */
  | "reference"
  /** `null` in all fields: no Bot Management is told apart from score 0. */
  | "null"
  /** The provider throws, and `onTrustError` decides. */
  | "refuse";

/** What {@link cloudflare} can be told. */
export interface CloudflareOptions<F extends CloudflareField = CloudflareField> {
  /** The signals to read. Default: `botScore`, `ja4`, `asn` and `country`. */
  readonly fields?: readonly F[];
  readonly missing?: Missing;
}

/** The trust provider of a Worker. */
export interface CloudflareProvider<F extends CloudflareField = CloudflareField> {
  readonly name: string;
  readonly consumes: readonly string[];
  read(request: Request): Pick<CloudflareSignals, F>;
}

/**
 * Reads signals from `request.cf`. It must be the request that the Worker was called with: `cf` is
 * not proof on a `Request` that other code made. Throws a `TypeError` for a field that there is not.
 */
export function cloudflare<const F extends CloudflareField = keyof typeof REFERENCE>(
  options: CloudflareOptions<F> = {},
): CloudflareProvider<F> {
  const { fields = Object.keys(REFERENCE) as F[], missing = "reference" } = options;
  const unknown = fields.find((field) => !Object.hasOwn(CLOUDFLARE_FIELDS, field));
  if (unknown !== undefined) {
    throw new TypeError(`Cannot read the field "${unknown}": choose from ${Object.keys(CLOUDFLARE_FIELDS).join(", ")}`);
  }
  if (!["reference", "null", "refuse"].includes(missing)) {
    throw new TypeError('Cannot use option `missing`: give "reference", "null" or "refuse"');
  }
  const absent = (field: F): unknown => {
    if (missing === "refuse") throw new Error(`cloudflare: ${field} is absent`);
    return missing === "reference" && Object.hasOwn(REFERENCE, field)
      ? REFERENCE[field as keyof typeof REFERENCE]
      : null;
  };
  return {
    name: "cloudflare",
    consumes: CLOUDFLARE_CONSUMED,
    read: (request) =>
      Object.fromEntries(fields.map((field) => [field, CLOUDFLARE_FIELDS[field](request) ?? absent(field)])) as Pick<
        CloudflareSignals,
        F
      >,
  };
}
