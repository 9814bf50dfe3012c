/**
 * The body of a request for a pass.
 *
 * @module
 */
import * as v from "valibot";
import { decodeBody, readBody, refuseEncoded } from "../body.ts";
import { Refusal } from "../errors.ts";

/** What a browser says when it asks for a pass. */
export interface PassRequest {
  /** The chat's id, as on the session's creation (`externalId`). */
  readonly session: string;
  /** What the captcha's widget gave. */
  readonly captchaToken?: string | undefined;
}

/** Room for one captcha token: those of hCaptcha have been seen above 4,000 characters. */
const BODY_BYTES = 16 * 1024;

/** How long a body so small may take. */
const BODY_TIMEOUT_MS = 10_000;

const schema = v.object({
  session: v.pipe(v.string(), v.nonEmpty(), v.maxLength(256)),
  captchaToken: v.optional(v.string()),
});

/** Reads it. Throws `edge_body_not_json` for anything else, and the refusals of a body. */
export async function readPassRequest(request: Request): Promise<PassRequest> {
  refuseEncoded(request.headers);
  // What is JSON by name makes a browser ask first: a page of another origin cannot send it unasked.
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(?:;|$)/i.test(type)) throw notJson("send it as application/json");
  const { text } = decodeBody(await readBody(request, BODY_BYTES, BODY_TIMEOUT_MS));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw notJson("it does not parse");
  }
  const checked = v.safeParse(schema, body);
  if (!checked.success) throw notJson("send { session, captchaToken? } with the chat's id as session");
  return checked.output;
}

function notJson(detail: string): Refusal {
  return new Refusal("edge_body_not_json", { detail });
}
