/**
 * Schemas of any library: what Standard Schema asks of them.
 *
 * @module
 */

/** A schema of zod, valibot, arktype or any library that follows https://standardschema.dev. */
export interface StandardSchema<In = unknown, Out = In> {
  /** The library's side of the standard. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Out> | Promise<SchemaResult<Out>>;
    readonly types?: { readonly input: In; readonly output: Out } | undefined;
  };
}

/** What a schema says of a value. */
export type SchemaResult<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

/**
 * Parses a value. Throws an `Error` that names the places where it does not fit, and nothing of what was there:
 * some libraries quote it in their messages.
 */
export async function parseWith<Out>(schema: StandardSchema<unknown, Out>, value: unknown): Promise<Out> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return result.value;
  throw new Error(`it does not fit at ${[...new Set(result.issues.map(({ path }) => placeOf(path)))].join(", ")}`);
}

function placeOf(path: readonly unknown[] | undefined): string {
  const keys = path?.map((step) =>
    String(typeof step === "object" && step !== null && "key" in step ? step.key : step)
  );
  return keys === undefined || keys.length === 0 ? "its root" : keys.join(".");
}
