/** Bodies of creates and appends, as documents: ordinary ones, odd ones, and hostile ones. */
import * as fc from "fast-check";
import { type Doc, docs, object, string } from "./spelling.ts";
import { NAMESPACE } from "./through_proxy.ts";

/** Keys that mean something somewhere on the way; elsewhere they are keys as any other. */
const KEYS = ["kind", "payload", "metadata", "triggerConfig", "basePayload", "__proto__", NAMESPACE, "a", ""];

type Member = readonly [key: string, value: Doc];

const anyDoc = docs(KEYS);
const elsewhere = anyDoc.map((doc): Member => ["elsewhere", doc]);
const strange = fc.tuple(fc.constantFrom("__proto__", "constructor", "Kind", "metadata ", "a"), anyDoc);
/** Most members are harmless; what makes a body ambiguous is rare enough for most bodies to be stamped. */
const others = fc.array(fc.oneof({ weight: 12, arbitrary: elsewhere }, strange), { maxLength: 3 });

/** An object that holds `key` somewhere between other members; rarely not at all, or twice. */
function holder(key: string, inner: fc.Arbitrary<Doc>): fc.Arbitrary<Doc> {
  const times = fc.oneof({ weight: 12, arbitrary: fc.constant(1) }, fc.constantFrom(0, 2));
  return fc.tuple(others, times, fc.array(inner, { minLength: 2, maxLength: 2 }), others).map(
    ([before, count, values, after]) => {
      const own = values.slice(0, count).map((value): Member => [key, value]);
      return object(...before, ...own.slice(0, 1), ...after, ...own.slice(1));
    },
  );
}

/** A container: mostly as it should be, at times null or of another kind. */
const mostly = (doc: fc.Arbitrary<Doc>): fc.Arbitrary<Doc> =>
  fc.oneof(
    { weight: 14, arbitrary: doc },
    fc.constant<Doc>({ type: "literal", text: "null" }),
    anyDoc,
  );

const forged = fc.oneof(anyDoc, fc.constant(object(["botScore", { type: "literal", text: "99" }])));
const metadata = mostly(holder(NAMESPACE, forged));

/** A payload of a chat message. */
const payload = mostly(holder("metadata", metadata));

/** A body of `POST /api/v1/sessions`. */
export const createDocs: fc.Arbitrary<Doc> = fc.oneof(
  { weight: 10, arbitrary: holder("triggerConfig", mostly(holder("basePayload", payload))) },
  anyDoc,
);

const kind = fc.oneof(
  { weight: 8, arbitrary: fc.constant(string("message")) },
  fc.constantFrom(
    string("stop"),
    string("handover"),
    string("message "),
    { type: "array", items: [string("message")] } as Doc,
  ),
  anyDoc,
);

/** A body of `POST …/in/append`. */
export const appendDocs: fc.Arbitrary<Doc> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.tuple(holder("payload", payload), kind, rarely(kind), fc.boolean()).map(
      ([doc, first, second, atEnd]) => {
        const members = doc.type === "object" ? doc.members : [];
        const kinds: Member[] = [["kind", first], ...(second === null ? [] : [["kind", second] as const])];
        return atEnd ? object(...members, ...kinds) : object(...kinds, ...members);
      },
    ),
  },
  anyDoc,
);

function rarely(doc: fc.Arbitrary<Doc>): fc.Arbitrary<Doc | null> {
  return fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, doc);
}
