/**
 * Requests whose end two readers could see in two places. Whatever a server makes of them, each
 * request that leaves the proxy is whole and judged.
 */
import assert from "node:assert/strict";
import { INJECTED } from "../oracle.ts";
import { APPEND, CREATE, createBody, messageBody, PUBLIC_TOKEN } from "../requests.ts";
import { assertSafe, type Case, tryBytes } from "../surface.ts";
import { settle } from "../uploads.ts";

const BODY = messageBody();
const LENGTH = BODY.length;
const CHUNKED = `${LENGTH.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

/** A second request, hidden where one reader sees a body: it asks for a create of its own. */
const HIDDEN = `POST ${CREATE} HTTP/1.1\r\nHost: proxy.test\r\nAuthorization: Bearer ${PUBLIC_TOKEN}\r\n` +
  `Content-Length: ${createBody().length}\r\n\r\n${createBody()}`;

interface Row {
  readonly name: string;
  readonly line?: string;
  /** Header lines after Host and Authorization. */
  readonly lines: readonly string[];
  readonly body: string;
}

const LENGTHS: readonly Row[] = [
  { name: "the same length twice", lines: [`Content-Length: ${LENGTH}`, `Content-Length: ${LENGTH}`], body: BODY },
  { name: "two lengths", lines: [`Content-Length: ${LENGTH}`, "Content-Length: 5"], body: BODY },
  { name: "two lengths, the short one first", lines: ["Content-Length: 5", `Content-Length: ${LENGTH}`], body: BODY },
  { name: "a list of lengths", lines: [`Content-Length: ${LENGTH}, ${LENGTH}`], body: BODY },
  { name: "a signed length", lines: [`Content-Length: +${LENGTH}`], body: BODY },
  { name: "a negative length", lines: ["Content-Length: -1"], body: BODY },
  { name: "a length in hexadecimal", lines: [`Content-Length: 0x${LENGTH.toString(16)}`], body: BODY },
  { name: "a length that is no number", lines: ["Content-Length: many"], body: BODY },
  { name: "a length with a fraction", lines: [`Content-Length: ${LENGTH}.0`], body: BODY },
  { name: "a length beyond numbers", lines: ["Content-Length: 99999999999999999999999"], body: BODY },
  { name: "an empty length", lines: ["Content-Length:"], body: BODY },
  { name: "a length that is too short", lines: [`Content-Length: ${LENGTH - 20}`], body: BODY },
  { name: "a length of nothing before a request", lines: ["Content-Length: 0"], body: HIDDEN },
  { name: "a length folded", lines: ["Content-Length:", ` ${LENGTH}`], body: BODY },
  { name: "a length with an underscore", lines: [`Content_Length: ${LENGTH}`], body: BODY },
  { name: "no length", lines: [], body: BODY },
];

const ENCODINGS: readonly Row[] = [
  {
    name: "length and chunks",
    lines: [`Content-Length: ${CHUNKED.length}`, "Transfer-Encoding: chunked"],
    body: CHUNKED,
  },
  { name: "chunks and length", lines: ["Transfer-Encoding: chunked", "Content-Length: 5"], body: CHUNKED },
  {
    name: "a request behind empty chunks",
    lines: [`Content-Length: ${5 + HIDDEN.length}`, "Transfer-Encoding: chunked"],
    body: `0\r\n\r\n${HIDDEN}`,
  },
  { name: "chunked twice", lines: ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], body: CHUNKED },
  {
    name: "chunked and identity",
    lines: ["Transfer-Encoding: chunked, identity", `Content-Length: ${LENGTH}`],
    body: BODY,
  },
  { name: "identity", lines: ["Transfer-Encoding: identity", `Content-Length: ${LENGTH}`], body: BODY },
  { name: "gzip and chunked", lines: ["Transfer-Encoding: gzip, chunked"], body: CHUNKED },
  { name: "something like chunked", lines: ["Transfer-Encoding: xchunked", `Content-Length: ${LENGTH}`], body: BODY },
  { name: "chunked in capitals", lines: ["Transfer-Encoding: CHUNKED"], body: CHUNKED },
  { name: "chunked behind a tab", lines: ["Transfer-Encoding:\tchunked"], body: CHUNKED },
  {
    name: "chunked behind a vertical tab",
    lines: ["Transfer-Encoding:\vchunked", `Content-Length: ${LENGTH}`],
    body: BODY,
  },
  { name: "chunked before a space", lines: ["Transfer-Encoding : chunked", `Content-Length: ${LENGTH}`], body: BODY },
  {
    name: "chunked behind a bare line end",
    lines: [`X: 1\nTransfer-Encoding: chunked`, `Content-Length: ${LENGTH}`],
    body: BODY,
  },
  { name: "chunks with extensions", lines: ["Transfer-Encoding: chunked"], body: CHUNKED.replace("\r\n", ";a=b\r\n") },
  {
    name: "chunks with a trailer",
    lines: ["Transfer-Encoding: chunked", "Trailer: authorization"],
    body: CHUNKED.replace("0\r\n\r\n", `0\r\n${INJECTED}: 1\r\n\r\n`),
  },
  {
    name: "chunks that end by bare line ends",
    lines: ["Transfer-Encoding: chunked"],
    body: CHUNKED.replaceAll("\r\n", "\n"),
  },
  { name: "chunks of a wrong size", lines: ["Transfer-Encoding: chunked"], body: `5\r\n${BODY}\r\n0\r\n\r\n` },
  { name: "chunks of no size", lines: ["Transfer-Encoding: chunked"], body: `zz\r\n${BODY}\r\n0\r\n\r\n` },
  {
    name: "chunks of an enormous size",
    lines: ["Transfer-Encoding: chunked"],
    body: `fffffffffffffffff\r\n${BODY}\r\n0\r\n\r\n`,
  },
];

const WITH_LENGTH = [`Content-Length: ${LENGTH}`];

const LINES: readonly Row[] = [
  ...["post", "Post", "PoSt", "pOST"].map((method) => ({
    name: `the method ${method}`,
    line: `${method} ${APPEND} HTTP/1.1`,
    lines: WITH_LENGTH,
    body: BODY,
  })),
  { name: "HTTP/1.0", line: `POST ${APPEND} HTTP/1.0`, lines: WITH_LENGTH, body: BODY },
  { name: "HTTP/0.9", line: `POST ${APPEND}`, lines: WITH_LENGTH, body: BODY },
  { name: "HTTP/1.2", line: `POST ${APPEND} HTTP/1.2`, lines: WITH_LENGTH, body: BODY },
  { name: "HTTP/2.0", line: `POST ${APPEND} HTTP/2.0`, lines: WITH_LENGTH, body: BODY },
  { name: "two spaces in the request line", line: `POST  ${APPEND}  HTTP/1.1`, lines: WITH_LENGTH, body: BODY },
  { name: "a tab in the request line", line: `POST\t${APPEND}\tHTTP/1.1`, lines: WITH_LENGTH, body: BODY },
  { name: "a space in the target", line: `POST ${APPEND} /x HTTP/1.1`, lines: WITH_LENGTH, body: BODY },
  { name: "empty lines first", line: `\r\n\r\nPOST ${APPEND} HTTP/1.1`, lines: WITH_LENGTH, body: BODY },
  { name: "a header without a name", lines: [...WITH_LENGTH, ": x"], body: BODY },
  { name: "a header without a colon", lines: [...WITH_LENGTH, INJECTED], body: BODY },
  { name: "a header behind a space", lines: [...WITH_LENGTH, ` ${INJECTED}: 1`], body: BODY },
  { name: "a zero in a header", lines: [...WITH_LENGTH, "X-A: a\0b"], body: BODY },
  { name: "a bare carriage return in a header", lines: [...WITH_LENGTH, `X-A: a\r${INJECTED}: 1`], body: BODY },
  { name: "bytes beyond ASCII in a header's name", lines: [...WITH_LENGTH, "X-\xe9: a"], body: BODY },
  { name: "a header of 200 kB", lines: [...WITH_LENGTH, `X-A: ${"a".repeat(200_000)}`], body: BODY },
  {
    name: "five hundred headers",
    lines: [...WITH_LENGTH, ...Array.from({ length: 500 }, (_, i) => `X-${i}: a`)],
    body: BODY,
  },
  { name: "a read with a message in it", line: `GET ${APPEND} HTTP/1.1`, lines: WITH_LENGTH, body: BODY },
  { name: "a request behind a request", lines: WITH_LENGTH, body: BODY + HIDDEN },
];

export const framing: readonly Case[] = [...LENGTHS, ...ENCODINGS, ...LINES].map((
  { name, line, lines, body },
): Case => ({
  name: `lets nothing forged through by ${name}`,
  async run(surface) {
    const head = [
      line ?? `POST ${APPEND} HTTP/1.1`,
      "Host: proxy.test",
      `Authorization: Bearer ${PUBLIC_TOKEN}`,
      ...lines,
    ];
    const bytes = Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`, "latin1");
    for (const server of ["standard", "off"] as const) {
      const exchanged = await tryBytes(surface, bytes, server);
      assertSafe(surface, exchanged);
      // What was not sent whole is not passed on as if it were.
      for (const request of exchanged.arrived) assert.ok(request.body.length === 0 || request.whole);
    }
    await settle(5);
  },
}));
