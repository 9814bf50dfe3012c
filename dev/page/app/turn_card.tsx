/** One message: as it was sent, as the proxy changed it, as the agent saw it; its seal, and its way. */

import { type ReactNode, useState } from "react";
import type { PageConfig } from "../../inspector_facts.ts";
import { Hops } from "./hops.tsx";
import { commonBytes, diff, type Json, type Line, lines, parseJson } from "./json.ts";
import type { Turn } from "./turns.ts";
import { SealVerdict } from "./seal_verdict.tsx";
import { metadataOf, verdictOf } from "./verdict.ts";
import { turnedDown } from "./words.ts";

export interface TurnCardProps {
  readonly id: string;
  readonly turn: Turn;
  readonly title: string;
  readonly isLatest: boolean;
  readonly config: PageConfig;
}

export function TurnCard({ id, turn, title, isLatest, config }: TurnCardProps) {
  const [wanted, setWanted] = useState<boolean>();
  const { tone, label } = verdictOf(turn, config.namespace);
  return (
    <details
      id={id}
      className="turn"
      open={wanted ?? isLatest}
      onToggle={({ currentTarget }) => currentTarget.open !== (wanted ?? isLatest) && setWanted(currentTarget.open)}
    >
      <summary>
        <span className="title">{title}</span>
        <span className={`verdict ${tone}`}>{label}</span>
      </summary>
      <div className="steps">
        <Step title={turn.use === "create" ? "The app's server sent" : "The browser sent"}>
          <Sent turn={turn} />
        </Step>
        <Step title="The proxy changed">
          <Changed turn={turn} />
        </Step>
        <Step title="The agent saw">
          <Saw turn={turn} isDemo={config.isDemo} />
        </Step>
      </div>
      <div className="below">
        <Step title="Seal">
          <SealVerdict turn={turn} seal={config.seal} />
        </Step>
        <Step title="How long each hop took">
          <Hops turn={turn} />
        </Step>
      </div>
    </details>
  );
}

function Step({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="step">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Lines({ of }: { of: readonly Line[] }) {
  return (
    <div className="lines">
      {of.map(({ sign, depth, text }, index) => (
        <div
          key={index}
          className={{ "-": "removed", "+": "added", " ": "same" }[sign]}
          style={{ paddingInlineStart: `${depth * 1.2 + 2.4}em` }}
        >
          {sign !== " " && (
            <span className="sign">
              {sign === "-" ? "−" : "+"}
              <span className="hidden">{sign === "-" ? "removed" : "added"}</span>
            </span>
          )}
          {text}
        </div>
      ))}
    </div>
  );
}

function Metadata({ json, missing }: { json: Json | undefined; missing: string }) {
  return json === undefined ? <p className="note">{missing}</p> : <Lines of={lines(json)} />;
}

function Sent({ turn }: { turn: Turn }) {
  return <Metadata json={metadataOf(turn, turn.around ? turn.reached : turn.sent)} missing="No client data" />;
}

function Changed({ turn }: { turn: Turn }) {
  const { around, refused, sent, reached } = turn;
  if (around) return <p className="note">Nothing: the message went around it.</p>;
  if (refused !== undefined) {
    return (
      <p className="note">
        It sent nothing on. It answered {refused.status}
        {refused.code && (
          <>
            {" "}
            <code>{refused.code}</code>
          </>
        )}: {refused.sentence ?? "no reason given"}.
      </p>
    );
  }
  if (sent === undefined || reached === undefined) return <p className="note">Not yet …</p>;
  if (sent.text === null || reached.text === null) return <p className="note">Too long to be shown.</p>;
  return (
    <>
      <Lines of={diff(metadataOf(turn, sent), metadataOf(turn, reached))} />
      <Bytes before={sent.text} after={reached.text} sizes={[sent.bytes, reached.bytes]} />
      <details className="whole">
        <summary>The whole body, as Trigger.dev got it</summary>
        <Lines of={lines(parseJson(reached.text) ?? reached.text)} />
      </details>
    </>
  );
}

function Bytes(
  { before, after, sizes: [out, to] }: { before: string; after: string; sizes: readonly [number, number] },
) {
  const kept = commonBytes(before, after);
  return <p className="bytes">{out - kept} bytes out, {to - kept} in; the other {kept} as they were sent</p>;
}

function Saw({ turn, isDemo }: { turn: Turn; isDemo: boolean }) {
  const { saw, error, refused, moments } = turn;
  if (saw !== undefined) return <Metadata json={saw.clientData} missing="No client data" />;
  if (error !== undefined) return <p className="note">Nothing. {turnedDown(error) ?? error}</p>;
  if (refused !== undefined) return <p className="note">Nothing: the message never came.</p>;
  if (isDemo || moments.over === undefined) return <p className="note">Not yet …</p>;
  return (
    <p className="note">
      It does not say. Have its module export <code>register</code>, and call <code>observe</code>{" "}
      with each turn's client data.
    </p>
  );
}
