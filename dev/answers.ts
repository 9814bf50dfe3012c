/** How the upstream words its answers: JSON bodies, and the CORS headers that its API routes add to them. */

/** A JSON answer. `undefined` fields are left out, as `JSON.stringify` leaves them out. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });
}

/** What a caller gets whose token is good, but not for this. */
export function forbidden(): Response {
  return json({ error: "Unauthorized", code: "unauthorized", param: "access_token", type: "authorization" }, 403);
}

/** What a caller gets who used a method that the route does not have. */
export function wrongMethod(allow: string): Response {
  return json({ error: "Method not allowed" }, 405, { allow });
}

const EXPOSED = "x-trigger-jwt,x-trigger-jwt-claims";

/** The answer to `OPTIONS`: every route allows every origin, and reflects the headers that were asked for. */
export function preflight(request: Request): Response {
  const headers = new Headers({ "content-type": "application/json; charset=utf-8" });
  const origin = request.headers.get("origin");
  if (origin !== null) {
    headers.set("access-control-allow-origin", origin);
    headers.set("access-control-allow-methods", "GET,HEAD,PUT,PATCH,POST,DELETE");
    headers.set("access-control-max-age", "300");
    headers.set("vary", "Origin, Access-Control-Request-Headers");
    const asked = request.headers.get("access-control-request-headers");
    if (asked !== null) headers.set("access-control-allow-headers", asked);
  }
  return new Response("{}", { headers });
}

/** Adds the CORS headers that the API routes add when, and only when, the request names an origin. */
export function withCors(request: Request, response: Response): Response {
  const origin = request.headers.get("origin");
  if (origin === null || response.headers.has("access-control-allow-origin")) return response;
  const headers = new Headers(response.headers);
  headers.set("access-control-allow-origin", origin);
  headers.append("vary", "Origin");
  if (!headers.has("access-control-expose-headers")) headers.set("access-control-expose-headers", EXPOSED);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** Decodes a body as the server does: UTF-8, one byte order mark dropped, broken sequences become U+FFFD. */
export async function bodyText(request: Request): Promise<string> {
  return new TextDecoder().decode(await request.arrayBuffer());
}
