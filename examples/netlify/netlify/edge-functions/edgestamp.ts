import { ready } from "edgestamp/netlify";

// Sealed unless EDGE_SEAL says otherwise: without EDGE_SEAL_KEY each request answers 500 and says so.
export default ready({ EDGE_SEAL: "signed" });

// Netlify reads this without running the file.
export const config = { path: "/*" };
