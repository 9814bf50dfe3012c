/** The demo's agent and tasks: the module that the local upstream executes where no other is named. */

import { createAgent } from "./agent.ts";
import type { Register } from "./orders.ts";
import "./tasks.ts";

export const register: Register = ({ namespace, observe }) => createAgent({ namespace, observe });
