/** A Worker that does nothing: what its start takes is workerd's own. */
export default { fetch: (): Response => new Response('{"ok":true}') };
