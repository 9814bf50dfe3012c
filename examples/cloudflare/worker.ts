// Stamps `__cf`, sealed. Without a seal: edgestamp/cloudflare, and no EDGE_SEAL in wrangler.jsonc.
export { default } from "edgestamp/cloudflare-sealed";
