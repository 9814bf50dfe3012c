/** What clients call the demo agent; apart from it, so that it can be named without loading it. */
export const AGENT_ID = "edge-demo";
