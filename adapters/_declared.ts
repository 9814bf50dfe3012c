/**
 * Header-reading providers of edges where the operator chooses which headers are set: each is named, for
 * one that the edge does not set is whatever the client sent.
 *
 * @module
 */
import type { FieldName, HeadersOptions, ProvenHeadersProvider, Source } from "./headers.ts";
import { headers } from "./headers.ts";

/** What one header brings. */
export type HeaderFields = { readonly [F in FieldName]?: Exclude<Source, string> };

/** What a provider of such an edge can be told. */
export interface DeclaredOptions<H extends string>
  extends Pick<HeadersOptions, "proof" | "assumeTopology" | "withoutProof"> {
  /** The headers that the edge is configured to set, by name. No other is read. */
  readonly headers: readonly H[];
}

/**
 * Makes the provider. All headers that the edge could set are consumed, read or not. Where two of those
 * that are named bring the same field, the later one does.
 */
export function declared<H extends string>(
  name: string,
  known: Readonly<Record<H, HeaderFields>>,
  options: DeclaredOptions<H>,
  alsoConsumes: readonly string[] = [],
): ProvenHeadersProvider<FieldName> {
  const { headers: named, ...rest } = options;
  if (!Array.isArray(named) || named.length === 0) {
    throw new TypeError("Cannot use option `headers`: name the headers that your edge is configured to set");
  }
  const lower = named.map((header) => String(header).toLowerCase() as H);
  const unknown = lower.find((header) => !Object.hasOwn(known, header));
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot use option \`headers\`: "${unknown}" is unknown; name any of ${Object.keys(known).join(", ")}`,
    );
  }
  const map = Object.assign({}, ...lower.map((header) => known[header])) as Readonly<Record<FieldName, Source>>;
  const provider = headers({ ...rest, map, name } as HeadersOptions<typeof map>);
  return { ...provider, consumes: [...new Set([...provider.consumes, ...Object.keys(known), ...alsoConsumes])] };
}

/** A header that brings one field. */
export function brings(
  header: string,
  field: FieldName,
  how: Omit<Exclude<Source, string>, "header"> = {},
): Record<string, HeaderFields> {
  return { [header]: { [field]: { header, ...how } } };
}
