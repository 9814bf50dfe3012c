/**
 * Reads a body whole, as the upstream reads it, and finds what is to be stamped in it.
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import { STRING_DEPTH } from "./limits.ts";
import { addTo, type Bytes, join } from "./pieces.ts";
import { KIND_ONLY, type Shape } from "./shapes.ts";
import { member, scan, type Source, textOf, type Value } from "./scan.ts";

const BOM = 0xfeff;
const LOOSE = new TextDecoder();
const PLAIN_STRING = /^"[\w-]*"$/;

/**
 * Refuses a body that was encoded for the way (`edge_body_encoded`): the upstream never decodes one,
 * so what it would store is not what could be judged.
 */
export function refuseEncoded(headers: Headers): void {
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding.trim().toLowerCase() !== "identity" && encoding.trim() !== "") {
    throw new Refusal("edge_body_encoded");
  }
}

/**
 * Reads a body whole, counting bytes as they arrive. Throws `edge_body_too_large` over `limitBytes`,
 * `edge_body_timeout` after `timeoutMs`, and `edge_body_broken` where it ends early.
 */
export async function readBody(
  request: Request,
  limitBytes: number,
  timeoutMs: number,
): Promise<Bytes> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > limitBytes) throw tooLarge(declared, limitBytes);
  // HTTP's framing holds such a body to its length, so the runtime may collect it: much faster than a stream's reader.
  const isFramed = declared > 0 && !request.headers.has("transfer-encoding") && typeof request.bytes === "function";
  const reader = isFramed ? undefined : request.body?.getReader() as ReadableStreamDefaultReader<Bytes> | undefined;
  if (!isFramed && reader === undefined) return join([]);
  const bytes = await new Promise<Bytes>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Refusal("edge_body_timeout"));
      reader?.cancel().catch(() => {});
    }, timeoutMs);
    (reader === undefined ? request.bytes() : collect(reader, limitBytes)).then((bytes) => {
      clearTimeout(timer);
      resolve(bytes);
    }, (cause) => {
      clearTimeout(timer);
      reject(cause instanceof Refusal ? cause : new Refusal("edge_body_broken", { cause }));
    });
  });
  // A request that was made in the process may be longer than it says.
  if (bytes.byteLength > limitBytes) throw tooLarge(bytes.byteLength, limitBytes);
  return bytes;
}

async function collect(
  reader: ReadableStreamDefaultReader<Bytes>,
  limitBytes: number,
): Promise<Bytes> {
  const pieces: Bytes[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return join(pieces);
    size += value.byteLength;
    if (size > limitBytes) {
      reader.cancel().catch(() => {});
      throw tooLarge(size, limitBytes);
    }
    addTo(pieces, value);
  }
}

/** A body over its limit, and by how much. */
export function tooLarge(sizeBytes: number, limitBytes: number, why = ""): Refusal {
  return new Refusal("edge_body_too_large", { detail: `${why}${sizeBytes - limitBytes} bytes over ${limitBytes}` });
}

/**
 * Decodes a body as the upstream does: UTF-8, one byte order mark dropped, `Content-Type` ignored.
 * Throws `edge_body_utf8` for what is not UTF-8, and for a second mark, which the upstream would
 * still see in what is forwarded.
 */
export function decodeBody(body: Bytes): Source {
  const text = LOOSE.decode(body);
  // A lossy decoding shows what it lost; only what looks lossy is decoded again (runtimes differ tenfold in strict decoding).
  if (text.charCodeAt(0) === BOM || (text.includes("\ufffd") && !isUtf8(body))) throw new Refusal("edge_body_utf8");
  const bytes = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
  return { bytes, text, ascii: bytes.length === text.length };
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Decodes a body that is only searched: what is not UTF-8 reads as U+FFFD, as it does for the upstream. */
export function decodeLoosely(bytes: Uint8Array): string {
  return LOOSE.decode(bytes);
}

/** The root of a create's body. Throws `edge_body_not_json` where there is none: `JSON.parse` judges it, for it is small. */
export function scanCreate(source: Source, shape: Shape, maxDepth: number): Value {
  const root = scan(source, shape, maxDepth);
  if (root === undefined || !parses(source.text)) throw new Refusal("edge_body_not_json");
  return root;
}

/** An append's body: its root where that is an object, and whether it is a chat message. */
export interface Append {
  readonly root: Value | undefined;
  readonly isMessage: boolean;
}

/**
 * Scans an append's body. Throws `edge_body_nested_json` for a message that only a reader who parses
 * twice would see.
 */
export function scanAppend(source: Source, shape: Shape, maxDepth: number): Append {
  const root = scan(source, shape, maxDepth);
  if (root === undefined) {
    refuseNested(source.text, maxDepth);
    // The scanner takes everything that JSON.parse takes; if it ever did not, nothing may slip through.
    if (/^[ \t\r\n]*\{/.test(source.text) && parses(source.text)) throw new Refusal("edge_body_not_json");
    return { root, isMessage: false };
  }
  // Two kinds or two payloads are two records: which of them it is, would be the reader's choice.
  if (root.object?.repeated !== undefined) throw new Refusal("edge_key_repeated");
  return { root, isMessage: kindOf(source, root) === "message" };
}

/** A record's `kind`, where it is a string. */
export function kindOf(source: Source, root: Value): string | undefined {
  return readString(source, member(root, "kind"));
}

/** A value as `JSON.parse` reads it, where it is a string; `undefined` for anything else. */
export function readString(source: Source, value: Value | undefined): string | undefined {
  if (value === undefined) return undefined;
  const json = textOf(source, value);
  if (PLAIN_STRING.test(json)) return json.slice(1, -1);
  try {
    const read: unknown = JSON.parse(json);
    return typeof read === "string" ? read : undefined;
  } catch {
    return undefined;
  }
}

function refuseNested(text: string, maxDepth: number): void {
  let inner = text;
  for (let level = 0; level < STRING_DEPTH; level++) {
    if (!/^[ \t\r\n]*"/.test(inner)) return;
    try {
      inner = JSON.parse(inner) as string;
    } catch {
      return;
    }
    const bytes = new TextEncoder().encode(inner);
    const source = { bytes, text: inner, ascii: bytes.length === inner.length };
    const root = scan(source, KIND_ONLY, maxDepth);
    if (root !== undefined && (root.object?.repeated !== undefined || kindOf(source, root) === "message")) {
      throw new Refusal("edge_body_nested_json");
    }
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
