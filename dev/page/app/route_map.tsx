/** The way of the latest message: its stations light up as it passes them. */

import type { PageConfig } from "../../inspector_facts.ts";
import type { Turn } from "./turns.ts";

type State = "idle" | "passed" | "here" | "stopped" | "bypassed";

interface Station {
  readonly name: string;
  readonly place: string;
  readonly state: State;
}

export function RouteMap({ config, around, turn }: { config: PageConfig; around: boolean; turn: Turn | undefined }) {
  const stations = stationsOf(config, around, turn);
  const isBypassed = stations[1]!.state === "bypassed";
  return (
    <ol
      className={`route${isBypassed ? " around" : ""}`}
      aria-label={`The way of a message: ${stations.map(describe).join(", ")}`}
    >
      {stations.map(({ name, place, state }) => (
        <li key={name} className={state}>
          <span className="dot" aria-hidden="true" />
          <b>{name}</b>
          <small>{place}</small>
        </li>
      ))}
    </ol>
  );
}

const WORDS: Readonly<Record<State, string>> = {
  idle: "",
  passed: " (passed)",
  here: " (here now)",
  stopped: " (stopped here)",
  bypassed: " (bypassed)",
};

function describe({ name, state }: Station): string {
  return name + WORDS[state];
}

function stationsOf(config: PageConfig, around: boolean, turn: Turn | undefined): readonly Station[] {
  const { moments, refused, error, saw } = turn ??
    { moments: {}, refused: undefined, error: undefined, saw: undefined };
  const isOver = moments.over !== undefined;
  const passed = (is: boolean): State => (is ? "passed" : "idle");
  const proxy = refused !== undefined ? "stopped" : passed(moments.arrived !== undefined);
  const agent = error !== undefined ? "stopped" : saw === undefined ? "idle" : isOver ? "passed" : "here";
  return [
    { name: "This page", place: location.host, state: passed(turn !== undefined) },
    { name: "edgestamp", place: hostOf(config.proxyUrl), state: around ? "bypassed" : proxy },
    {
      name: "Trigger.dev",
      place: hostOf(config.upstreamUrl),
      state: saw === undefined && moments.reached !== undefined && error === undefined
        ? "here"
        : passed(moments.reached !== undefined),
    },
    { name: "The agent", place: config.agentId, state: agent },
  ];
}

function hostOf(url: string): string {
  return new URL(url).host;
}
