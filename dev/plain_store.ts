/**
 * Import it for its effect, before anything writes to a session's `.out`. The client of the stream store speaks HTTP/2
 * to its server from Node, and plain HTTP with JSON where this global exists. The local store is plain HTTP.
 */
Object.defineProperty(globalThis, "WebSocketPair", { value: class {}, configurable: true });
