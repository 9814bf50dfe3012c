// For a Function URL with InvokeMode RESPONSE_STREAM. Buffered, or behind an HTTP API: the default export.
export { streaming as handler } from "edgestamp/lambda";
