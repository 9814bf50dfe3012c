/**
 * Runs a service that was compiled for Fastly Compute: WASI by Node, and of Fastly's own host calls
 * those that a service needs which answers requests, calls a dynamic backend and reads its stores.
 * Written from the runtime's own declarations (fastly/js-compute-runtime, host-api/fastly.h). Each
 * request has an instance of its own, as on Fastly; host calls that wait suspend it (JSPI).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { WASI } from "node:wasi";
import { Body } from "./fastly_body.ts";
import { answer, type Fetched, Head, send } from "./fastly_messages.ts";

/** What a service has at Fastly beside its code. */
export interface Account {
  readonly config: Readonly<Record<string, string>>;
  /** What Fastly says of every address. */
  readonly geo: Readonly<Record<string, unknown>>;
  /** What it says of each connection: text, or bytes. */
  readonly connection: Readonly<Record<string, string | Uint8Array>>;
  log(text: string): void;
}

// fastly_host_error of fastly.h
const OK = 0, GENERIC = 1, BAD_HANDLE = 3, BUFFER_LEN = 4, UNSUPPORTED = 5, NONE = 10;
const NOTHING_READY = 0xffff_ffff;
const USE_SSL = 1 << 5;
const CONNECTION_REFUSED = 7;

type HostCall = (...args: never[]) => unknown;

declare const WebAssembly: typeof globalThis.WebAssembly & {
  Suspending: new (call: HostCall) => HostCall;
  promising(call: unknown): () => Promise<unknown>;
};

/** A server in front of a service. */
export function serve(module: WebAssembly.Module, account: Account): Server {
  return createServer(async (request, response) => {
    try {
      await new Run(module, account, request, response).start();
    } catch (error) {
      if (!String(error).includes("exit")) account.log(String(error));
    }
    if (!response.headersSent) response.writeHead(500).end();
  });
}

class Run {
  readonly #module: WebAssembly.Module;
  readonly #account: Account;
  readonly #response: ServerResponse;
  readonly #handles: unknown[];
  readonly #backends = new Map<string, string>();
  #memory!: WebAssembly.Memory;

  constructor(module: WebAssembly.Module, account: Account, request: IncomingMessage, response: ServerResponse) {
    this.#module = module;
    this.#account = account;
    this.#response = response;
    // The request and its body are the first two handles.
    this.#handles = [Head.of(request), Body.from(request)];
  }

  async start(): Promise<void> {
    const wasi = new WASI({ version: "preview1", args: ["service"] });
    const known = this.#calls();
    const imports: Record<string, Record<string, HostCall>> = {};
    for (const { module, name } of WebAssembly.Module.imports(this.#module)) {
      imports[module] ??= {};
      imports[module][name] = module.startsWith("wasi_")
        ? wasi.wasiImport[name] as HostCall
        : known[`${module}.${name}`] ?? (() => UNSUPPORTED);
    }
    imports["wasi_snapshot_preview1"]!["poll_oneoff"] = new WebAssembly.Suspending(
      (subscriptions: number, events: number, _count: number, written: number) =>
        this.#sleep(subscriptions, events, written),
    );
    imports["wasi_snapshot_preview1"]!["fd_write"] = (_: number, vectors: number, count: number, written: number) =>
      this.#print(vectors, count, written);
    const instance = await WebAssembly.instantiate(this.#module, imports as WebAssembly.Imports);
    this.#memory = instance.exports["memory"] as WebAssembly.Memory;
    (wasi as unknown as { finalizeBindings(instance: unknown): void }).finalizeBindings(instance);
    await WebAssembly.promising(instance.exports["_start"])();
  }

  // Memory

  get #view(): DataView {
    return new DataView(this.#memory.buffer);
  }
  #bytes(at: number, length: number): Buffer {
    return Buffer.from(this.#memory.buffer, at, length);
  }
  #text(at: number, length: number): string {
    return this.#bytes(at, length).toString("latin1");
  }
  #u32(at: number, value: number): number {
    this.#view.setUint32(at, value, true);
    return OK;
  }
  #give(value: string | Uint8Array | undefined, at: number, room: number, written: number): number {
    if (value === undefined) return NONE;
    const bytes = typeof value === "string" ? Buffer.from(value, "latin1") : Buffer.from(value);
    this.#u32(written, bytes.length);
    if (bytes.length > room) return BUFFER_LEN;
    bytes.copy(this.#bytes(at, room));
    return OK;
  }

  // Handles

  #add(thing: unknown): number {
    return this.#handles.push(thing) - 1;
  }
  #head(handle: number): Head {
    return this.#handles[handle] as Head;
  }
  #body(handle: number): Body {
    return this.#handles[handle] as Body;
  }

  #calls(): Record<string, HostCall> {
    return { ...this.#bodies(), ...this.#heads("req"), ...this.#heads("resp"), ...this.#exchange(), ...this.#facts() };
  }

  #bodies(): Record<string, HostCall> {
    const Suspending = WebAssembly.Suspending;
    return {
      "fastly_http_body.new": (out: number) => this.#u32(out, this.#add(new Body())),
      "fastly_http_body.append": (to: number, from: number) => (this.#body(to).append(this.#body(from)), OK),
      "fastly_http_body.close": (body: number) => (this.#body(body).close(), OK),
      "fastly_http_body.abandon": (body: number) => (this.#body(body).abandon(), OK),
      "fastly_http_body.known_length": (body: number, out: number) => {
        const { length } = this.#body(body);
        if (length === undefined) return NONE;
        this.#view.setBigUint64(out, BigInt(length), true);
        return OK;
      },
      "fastly_http_body.read": new Suspending(async (body: number, at: number, room: number, read: number) => {
        try {
          const chunk = await this.#body(body).read(room);
          chunk?.copy(this.#bytes(at, room));
          return this.#u32(read, chunk?.length ?? 0);
        } catch {
          return GENERIC;
        }
      }),
      "fastly_http_body.write": new Suspending(
        async (body: number, at: number, length: number, _end: number, written: number) => {
          if (!await this.#body(body).write(Buffer.from(this.#bytes(at, length)))) return GENERIC;
          return this.#u32(written, length);
        },
      ),
    };
  }

  #heads(kind: "req" | "resp"): Record<string, HostCall> {
    const name = `fastly_http_${kind}`;
    const all = (texts: string[], at: number, room: number, ending: number, written: number): number => {
      this.#view.setBigInt64(ending, -1n, true);
      return this.#give(texts.map((text) => `${text}\0`).join(""), at, room, written);
    };
    const key = (at: number, length: number): string => this.#text(at, length).toLowerCase();
    return {
      [`${name}.new`]: (out: number) => this.#u32(out, this.#add(new Head())),
      [`${name}.header_names_get`]: (head: number, at: number, room: number, _: number, ending: number, out: number) =>
        all(this.#head(head).names(), at, room, ending, out),
      [`${name}.header_values_get`]: (
        head: number,
        field: number,
        length: number,
        at: number,
        room: number,
        _: number,
        ending: number,
        out: number,
      ) => all(this.#head(head).values(key(field, length)), at, room, ending, out),
      [`${name}.header_remove`]: (head: number, field: number, length: number) => {
        this.#head(head).remove(key(field, length));
        return OK;
      },
      [`${name}.header_insert`]: (head: number, field: number, length: number, at: number, size: number) => {
        this.#head(head).remove(key(field, length));
        this.#head(head).fields.push([key(field, length), this.#text(at, size)]);
        return OK;
      },
      [`${name}.header_append`]: (head: number, field: number, length: number, at: number, size: number) => {
        this.#head(head).fields.push([key(field, length), this.#text(at, size)]);
        return OK;
      },
      [`${name}.framing_headers_mode_set`]: (head: number, mode: number) => {
        this.#head(head).isFramed = mode === 1;
        return OK;
      },
      [`${name}.version_get`]: (_: number, out: number) => this.#u32(out, 2),
    };
  }

  #exchange(): Record<string, HostCall> {
    const Suspending = WebAssembly.Suspending;
    return {
      "fastly_http_req.body_downstream_get": (head: number, body: number) => this.#u32(head, 0) || this.#u32(body, 1),
      "fastly_http_req.method_get": (head: number, at: number, room: number, out: number) =>
        this.#give(this.#head(head).method, at, room, out),
      "fastly_http_req.method_set": (head: number, at: number, length: number) => {
        this.#head(head).method = this.#text(at, length);
        return OK;
      },
      "fastly_http_req.uri_get": (head: number, at: number, room: number, out: number) =>
        this.#give(this.#head(head).uri, at, room, out),
      "fastly_http_req.uri_set": (head: number, at: number, length: number) => {
        this.#head(head).uri = this.#text(at, length);
        return OK;
      },
      "fastly_http_req.cache_override_v2_set": () => OK,
      "fastly_http_req.auto_decompress_response_set": () => OK,
      "fastly_http_cache.is_request_cacheable": (_: number, out: number) => this.#u32(out, 0),
      "fastly_http_req.register_dynamic_backend": (
        name: number,
        nameLength: number,
        target: number,
        length: number,
        mask: number,
      ) => {
        if ((mask & USE_SSL) !== 0) return UNSUPPORTED;
        this.#backends.set(this.#text(name, nameLength), this.#text(target, length));
        return OK;
      },
      "fastly_backend.exists": (name: number, length: number, out: number) =>
        this.#u32(out, Number(this.#backends.has(this.#text(name, length)))),
      "fastly_http_req.send_async_v2": (
        head: number,
        body: number,
        at: number,
        length: number,
        s: number,
        out: number,
      ) => this.#send(head, body, this.#text(at, length), s === 1, out),
      "fastly_http_req.send_async": (head: number, body: number, at: number, length: number, out: number) =>
        this.#send(head, body, this.#text(at, length), false, out),
      "fastly_http_req.send_async_streaming": (head: number, body: number, at: number, length: number, out: number) =>
        this.#send(head, body, this.#text(at, length), true, out),
      "fastly_http_req.pending_req_wait_v2": new Suspending(
        async (pending: number, detail: number, head: number, body: number) => {
          try {
            const fetched = await (this.#handles[pending] as Pending).answered;
            return this.#u32(head, this.#add(fetched.head)) || this.#u32(body, this.#add(fetched.body));
          } catch {
            this.#view.setUint8(detail, CONNECTION_REFUSED);
            return GENERIC;
          }
        },
      ),
      "fastly_http_resp.status_get": (head: number, out: number) => {
        this.#view.setUint16(out, this.#head(head).status, true);
        return OK;
      },
      "fastly_http_resp.status_set": (head: number, status: number) => {
        this.#head(head).status = status;
        return OK;
      },
      "fastly_http_resp.send_downstream": (head: number, body: number, isStreaming: number) => {
        answer(this.#response, this.#head(head), this.#body(body), isStreaming === 1);
        return OK;
      },
      "fastly_async_io.is_ready": (handle: number, out: number) => this.#u32(out, Number(this.#isReady(handle))),
      "fastly_async_io.select": new Suspending((at: number, count: number, ms: number, out: number) =>
        this.#select(at, count, ms, out)
      ),
    };
  }

  #send(head: number, body: number, backend: string, isStreaming: boolean, out: number): number {
    const target = this.#backends.get(backend);
    if (target === undefined) return BAD_HANDLE;
    const answered = send(this.#head(head), this.#body(body), target, isStreaming);
    const pending: Pending = { answered, isReady: false };
    answered.catch(() => {}).finally(() => (pending.isReady = true));
    return this.#u32(out, this.#add(pending));
  }

  #isReady(handle: number): boolean {
    return (this.#handles[handle] as Pending | Body).isReady;
  }

  async #select(at: number, count: number, ms: number, out: number): Promise<number> {
    const handles = Array.from({ length: count }, (_, i) => this.#view.getUint32(at + 4 * i, true));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = ms === 0 ? [] : [new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))];
    const ready = handles.map((handle) => {
      const thing = this.#handles[handle];
      return thing instanceof Body ? thing.ready() : (thing as Pending).answered.then(() => {}, () => {});
    });
    await Promise.race([...ready, ...late]);
    clearTimeout(timer);
    const found = handles.findIndex((handle) => this.#isReady(handle));
    return this.#u32(out, found === -1 ? NOTHING_READY : found);
  }

  #facts(): Record<string, HostCall> {
    const { config, geo, connection, log } = this.#account;
    const told = (name: string) => (_: number, at: number, room: number, out: number) =>
      this.#give(connection[name], at, room, out);
    return {
      "fastly_http_downstream.downstream_client_ip_addr": (_: number, at: number, out: number) =>
        this.#give(connection["address"], at, 16, out),
      "fastly_http_downstream.downstream_tls_ja3_md5": (_: number, at: number, out: number) =>
        this.#give(connection["ja3"], at, 16, out),
      "fastly_http_downstream.downstream_tls_ja4": told("ja4"),
      "fastly_http_downstream.downstream_tls_protocol": told("protocol"),
      "fastly_http_downstream.downstream_tls_cipher_openssl_name": told("cipher"),
      "fastly_geo.lookup": (_: number, __: number, at: number, room: number, out: number) =>
        this.#give(Buffer.from(JSON.stringify(geo)), at, room, out),
      "fastly_config_store.open": (_: number, __: number, out: number) => this.#u32(out, 0),
      "fastly_config_store.get": (_: number, key: number, length: number, at: number, room: number, out: number) =>
        this.#give(config[this.#text(key, length)], at, room, out),
      "fastly_log.endpoint_get": (_: number, __: number, out: number) => this.#u32(out, 0),
      "fastly_log.write": (_: number, at: number, length: number, out: number) => {
        log(this.#bytes(at, length).toString());
        return this.#u32(out, length);
      },
    };
  }

  // WASI, where Node's would hold up everything else

  async #sleep(subscriptions: number, events: number, written: number): Promise<number> {
    const view = this.#view;
    const isAbsolute = (view.getUint16(subscriptions + 40, true) & 1) === 1;
    const timeout = view.getBigUint64(subscriptions + 24, true);
    const ns = isAbsolute ? timeout - process.hrtime.bigint() : timeout;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Number(ns / 1_000_000n))));
    const { buffer } = this.#memory;
    new Uint8Array(buffer, events, 32).fill(0);
    this.#view.setBigUint64(events, this.#view.getBigUint64(subscriptions, true), true);
    return this.#u32(written, 1);
  }

  #print(vectors: number, count: number, written: number): number {
    let size = 0;
    let text = "";
    for (let i = 0; i < count; i++) {
      const at = this.#view.getUint32(vectors + 8 * i, true), length = this.#view.getUint32(vectors + 8 * i + 4, true);
      text += this.#bytes(at, length).toString();
      size += length;
    }
    this.#account.log(text);
    return this.#u32(written, size);
  }
}

interface Pending {
  readonly answered: Promise<Fetched>;
  isReady: boolean;
}
