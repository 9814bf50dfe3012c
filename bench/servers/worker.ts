/** Serves a contender on workerd. What is wanted is a binding. */
import { handlerOf, type Wanted } from "../contenders.ts";

interface Env {
  readonly WANTED: Wanted;
}

const handlers = new WeakMap<object, (request: Request) => Promise<Response>>();

export default {
  fetch(request: Request, env: Env): Promise<Response> {
    let handler = handlers.get(env);
    if (handler === undefined) handlers.set(env, handler = handlerOf(env.WANTED));
    return handler(request);
  },
};
