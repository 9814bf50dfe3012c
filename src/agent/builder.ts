/**
 * The SDK's agent builder, with the checks put into every agent that it makes.
 *
 * @module
 */
import { guardAgent } from "./guard.ts";
import type { AgentOptions, Hook } from "./hooks.ts";
import type { GuardContext } from "./refused_turn.ts";

/** What `chat.withClientData()` gives. */
export interface AgentBuilder {
  /** Makes an agent. */
  agent(options: never): unknown;
}

/**
 * Wraps a builder. Hooks that are set on it from now on are kept here and go in with the agent's own,
 * because the SDK would call a builder's hooks before those of its agent, and so before the checks.
 */
export function guardBuilder<B extends AgentBuilder>(
  builder: B,
  context: GuardContext,
  hooks: Readonly<Record<string, Hook>> = {},
): B {
  return new Proxy(builder, {
    get(target, name) {
      if (name === "agent") {
        return (options: AgentOptions & Record<string, Hook>) => {
          checkGuardable(options);
          return target.agent(guardAgent({ ...options, ...composed(hooks, options) }, context) as never);
        };
      }
      if (name === "customAgent") {
        throw new TypeError("Cannot guard a custom agent: its loop is its own; call `edge.begin()` in it");
      }
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (typeof name === "string" && /^on[A-Z]/.test(name)) {
        return (hook: Hook) => guardBuilder(target, context, { ...hooks, [name]: hook });
      }
      return (...args: unknown[]) => guardBuilder(member.apply(target, args) as B, context, hooks);
    },
  });
}

function composed(hooks: Readonly<Record<string, Hook>>, own: Readonly<Record<string, Hook>>): Record<string, Hook> {
  return Object.fromEntries(
    Object.entries(hooks).map(([name, hook]) => [name, async (event, ...rest) => {
      await hook(event, ...rest);
      await own[name]?.(event, ...rest);
    }]),
  );
}

const UNGUARDABLE: Readonly<Record<string, string>> = {
  pendingMessages:
    "messages steered into a turn reach the model without their stamp being read; leave it out, and they become turns of their own",
  channels: "their deliveries do not pass the proxy; give them an agent of their own",
  events: "webhooks do not pass the proxy; give them an agent of their own",
};

/** Checks that an agent can be guarded. Throws a `TypeError` of one line that names the option. */
function checkGuardable(options: Readonly<Record<string, unknown>>): void {
  for (const [name, why] of Object.entries(UNGUARDABLE)) {
    const value = options[name];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) {
      throw new TypeError(`Cannot guard an agent with \`${name}\`: ${why}`);
    }
  }
}
