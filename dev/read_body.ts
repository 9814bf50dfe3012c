/** Reads what a route was sent, as the server does: as text, whatever its `Content-Type`, within the route's limit. */

import * as v from "valibot";
import { bodyText, json } from "./answers.ts";

/** The server's size check looks at the header alone, so a chunked body is too large. */
export function tooLarge(request: Request, limitBytes: number): Response | undefined {
  const length = request.headers.get("content-length");
  const fits = length !== null && length !== "" && Number.parseInt(length, 10) <= limitBytes;
  return fits ? undefined : json({ error: "Request body too large" }, 413);
}

/** The body as `schema` reads it; a response is the refusal. */
export async function readBody<S extends v.GenericSchema>(
  request: Request,
  schema: S,
  limitBytes: number,
): Promise<Response | v.InferOutput<S>> {
  const large = tooLarge(request, limitBytes);
  if (large !== undefined) return large;
  const text = await bodyText(request);
  if (text.length === 0) return json({ error: "Request body is empty" }, 400);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return json({ error: "Invalid JSON" }, 400);
  }
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : json({ error: `Validation error: ${v.summarize(parsed.issues)}` }, 400);
}
