import { ready } from "edgestamp/vercel";

// Sealed unless EDGE_SEAL says otherwise: without EDGE_SEAL_KEY each request answers 500 and says so.
export default { fetch: ready({ EDGE_SEAL: "signed" }) };
