/** Captcha services on loopback, as their documents describe them: what they read, what they answer, what they count. */

import { serve } from "srvx/node";

/** A captcha that somebody solved. */
export interface Solved {
  readonly hostname?: string;
  readonly action?: string;
  /** In the direction of the service. */
  readonly score?: number;
  readonly siteKey?: string;
}

/** What the service does with its next request, instead of answering as it should. */
export type Fault = "internal-error" | "answer lost" | "status 500" | "no answer";

export interface Vendor {
  readonly url: string;
  /** What arrived, decoded. */
  readonly asked: Readonly<Record<string, unknown>>[];
  readonly faults: Fault[];
  /** Solves a captcha: the token that the widget gives the page. */
  solve(solved?: Solved): string;
  close(): Promise<void>;
}

export const SECRET = "secret-of-the-account";
export const SITE_KEY = "site-key";
export const PAGE = "app.example.com";

type Fields = Readonly<Record<string, string | undefined>>;

interface Known extends Solved {
  /** The idempotency key of the request that used it up, if there was one. */
  usedBy?: string | undefined;
  isUsed: boolean;
}

/** Reads a request, and finds the token it is about. */
type Read = (request: Request) => Promise<{ fields: Fields; token: string; problem?: string | undefined }>;
type Answer = (solved: Known | "used" | undefined, fields: Fields) => object;

async function openVendor(
  read: Read,
  answer: Answer,
  refuse: (problem: string) => Response,
  prefix = "token",
): Promise<Vendor> {
  const tokens = new Map<string, Known>();
  const asked: Vendor["asked"] = [];
  const faults: Fault[] = [];
  const use = (token: string, key: string | undefined): Known | "used" | undefined => {
    const known = tokens.get(token);
    // Turnstile answers once more under the same idempotency key. The others know none.
    if (known?.isUsed && (key === undefined || known.usedBy !== key)) return "used";
    if (known !== undefined) Object.assign(known, { isUsed: true, usedBy: key });
    return known;
  };
  const handle = async (request: Request): Promise<Response> => {
    const { fields, token, problem } = await read(request);
    asked.push(fields);
    if (problem !== undefined) return refuse(problem);
    const fault = faults.shift();
    if (fault === "status 500") return new Response("<html>down</html>", { status: 500 });
    if (fault === "internal-error") return refuse("internal-error");
    if (fault === "no answer") await new Promise((resolve) => setTimeout(resolve, 1_500));
    const known = use(token, fields["idempotency_key"]);
    if (fault === "answer lost") {
      return new Response(new ReadableStream({ start: (controller) => controller.error(new Error("lost")) }));
    }
    return Response.json(answer(known, fields));
  };
  const server = serve({ fetch: handle, port: 0, hostname: "127.0.0.1", silent: true, gracefulShutdown: false });
  await server.ready();
  return {
    url: server.url!.replace(/\/$/, ""),
    asked,
    faults,
    solve(solved = {}) {
      const token = `${prefix}.${crypto.randomUUID()}`;
      tokens.set(token, { ...solved, isUsed: false });
      return token;
    },
    close: () => server.close(true),
  };
}

const siteverifyError = (code: string): Response => Response.json({ success: false, "error-codes": [code] });
const isType = (request: Request, type: string): boolean =>
  (request.headers.get("content-type") ?? "").startsWith(type);

async function readForm(request: Request): Promise<Fields> {
  return isType(request, "application/x-www-form-urlencoded")
    ? Object.fromEntries(new URLSearchParams(await request.text()))
    : {};
}

function problemOf(request: Request, path: string, { secret, response }: Fields): string | undefined {
  if (request.method !== "POST" || new URL(request.url).pathname !== path) return "bad-request";
  if (!secret) return "missing-input-secret";
  if (secret !== SECRET) return "invalid-input-secret";
  return response ? undefined : "missing-input-response";
}

/** https://developers.cloudflare.com/turnstile/get-started/server-side-validation/ */
export function openTurnstile(): Promise<Vendor> {
  return openVendor(
    async (request) => {
      const fields = isType(request, "application/json") ? await request.json() as Fields : await readForm(request);
      return {
        fields,
        token: fields["response"] ?? "",
        problem: problemOf(request, "/turnstile/v0/siteverify", fields),
      };
    },
    (solved) => {
      if (solved === undefined) return { success: false, "error-codes": ["invalid-input-response"] };
      if (solved === "used") return { success: false, "error-codes": ["timeout-or-duplicate"] };
      const { hostname = PAGE, action = "chat" } = solved;
      return { success: true, "error-codes": [], challenge_ts: new Date().toISOString(), hostname, action, cdata: "" };
    },
    siteverifyError,
    "0",
  );
}

/** https://developers.google.com/recaptcha/docs/v3 */
export function openRecaptcha(): Promise<Vendor> {
  return openVendor(
    async (request) => {
      const fields = await readForm(request);
      return {
        fields,
        token: fields["response"] ?? "",
        problem: problemOf(request, "/recaptcha/api/siteverify", fields),
      };
    },
    (solved) => {
      if (solved === undefined) return { success: false, "error-codes": ["invalid-input-response"] };
      if (solved === "used") return { success: false, "error-codes": ["timeout-or-duplicate"] };
      const { hostname = PAGE, action = "chat", score = 0.9 } = solved;
      return { success: true, challenge_ts: new Date().toISOString(), hostname, score, action };
    },
    siteverifyError,
    "03AFcWeA",
  );
}

/** https://cloud.google.com/recaptcha/docs/create-assessment */
export function openRecaptchaEnterprise(): Promise<Vendor> {
  return openVendor(
    async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      const { event = {} } = isType(request, "application/json") ? await request.json() as { event?: Fields } : {};
      const found = request.method === "POST" && pathname === "/v1/projects/my-project/assessments";
      const problem = !found
        ? "NOT_FOUND"
        : searchParams.get("key") !== SECRET
        ? "PERMISSION_DENIED"
        : event["siteKey"] !== SITE_KEY
        ? "INVALID_ARGUMENT"
        : undefined;
      return { fields: event, token: event["token"] ?? "", problem };
    },
    (solved, { expectedAction }) => {
      const bad = (invalidReason: string) => ({
        event: {},
        riskAnalysis: { score: 0, reasons: [] },
        tokenProperties: { valid: false, invalidReason, hostname: "", action: "" },
      });
      if (solved === undefined) return bad("MALFORMED");
      if (solved === "used") return bad("DUPE");
      const { hostname = PAGE, action = "chat", score = 0.9 } = solved;
      return {
        event: { expectedAction },
        riskAnalysis: { score, reasons: score < 0.5 ? ["AUTOMATION"] : [], extendedVerdictReasons: [] },
        tokenProperties: {
          valid: true,
          invalidReason: "INVALID_REASON_UNSPECIFIED",
          hostname,
          action,
          createTime: new Date().toISOString(),
        },
      };
    },
    (status) => Response.json({ error: { code: 403, message: "…", status } }, { status: 403 }),
    "03AFcWeA",
  );
}

/** https://docs.hcaptcha.com/#verify-the-user-response-server-side */
export function openHcaptcha(): Promise<Vendor> {
  return openVendor(
    async (request) => {
      const fields = await readForm(request);
      return { fields, token: fields["response"] ?? "", problem: problemOf(request, "/siteverify", fields) };
    },
    (solved, { sitekey }) => {
      if (solved === undefined) return { success: false, "error-codes": ["invalid-input-response"] };
      if (solved === "used") return { success: false, "error-codes": ["invalid-or-already-seen-response"] };
      const { hostname = PAGE, siteKey = SITE_KEY, score } = solved;
      if (sitekey !== undefined && sitekey !== siteKey) {
        return { success: false, "error-codes": ["sitekey-secret-mismatch"] };
      }
      const scored = score === undefined ? {} : { score, score_reason: score > 0.5 ? ["automation"] : ["safe"] };
      return { success: true, challenge_ts: new Date().toISOString(), hostname, credit: false, ...scored };
    },
    siteverifyError,
    "P1_eyJ0",
  );
}
