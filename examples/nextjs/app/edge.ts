/** The proxy: for the browser, and for the server action that creates sessions. */
export const EDGE_URL = process.env.NEXT_PUBLIC_EDGE_URL ?? "http://localhost:3000";
export const AGENT = "my-agent";
