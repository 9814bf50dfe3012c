/** Paths to routes, by the server's rules: segments decoded once, fixed ones in any case, ids kept as they are. */

/** A route's address: its pattern, and what its `:names` stood for. */
export interface Match<Name extends string> {
  readonly name: Name;
  readonly params: Readonly<Record<string, string>>;
}

/** `undefined`: no route. `"malformed"`: an escape that does not decode. `"moved"`: a trailing slash. */
export function matchPath<Name extends string>(
  patterns: Readonly<Record<Name, string>>,
  pathname: string,
): Match<Name> | "malformed" | "moved" | undefined {
  if (pathname.length > 1 && pathname.endsWith("/")) return "moved";
  const segments: string[] = [];
  for (const segment of pathname.split("/").slice(1)) {
    try {
      segments.push(decodeURIComponent(segment));
    } catch {
      return "malformed";
    }
  }
  for (const [name, pattern] of Object.entries<string>(patterns)) {
    const params = matchSegments(pattern.split("/").slice(1), segments);
    if (params !== undefined) return { name: name as Name, params };
  }
  return undefined;
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const actual = segments[index] ?? "";
    if (expected.startsWith(":")) {
      if (actual === "") return undefined;
      params[expected.slice(1)] = actual;
    } else if (expected !== actual.toLowerCase()) {
      return undefined;
    }
  }
  return params;
}
