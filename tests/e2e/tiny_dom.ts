/**
 * As much of a browser as React asks for when a component renders nothing: a window, a document, and an element to be the
 * root. Import it for its effect, before React.
 */

const document = { nodeType: 9, activeElement: null, body: null, addEventListener() {}, removeEventListener() {} };
const window = { document, event: undefined, HTMLIFrameElement: class {} };
Object.assign(globalThis, { window, document });

/** An element that can be a React root. Nothing is ever put into it. */
export function createElement(): Element {
  const element = {
    nodeType: 1,
    tagName: "DIV",
    nodeName: "DIV",
    namespaceURI: "http://www.w3.org/1999/xhtml",
    ownerDocument: document,
    textContent: "",
    addEventListener() {},
    removeEventListener() {},
  };
  return element as unknown as Element;
}
