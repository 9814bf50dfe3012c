/** Playing the edge, and playing the page. */

import type { CSSProperties } from "react";
import type { PageConfig } from "../../inspector_facts.ts";
import { BOT_SCORE_LIMIT, FORGED, personOrBot, type PlayState } from "./play.ts";

const COUNTRIES = ["AU", "BR", "CA", "DE", "FR", "GB", "IN", "JP", "KE", "NL", "PT", "SG", "US", "ZA"] as const;
const NAMES = new Intl.DisplayNames("en", { type: "region" });

export function Controls({ play, config }: { play: PlayState; config: PageConfig }) {
  return (
    <section className="controls" aria-label="Play both sides">
      <EdgeControls {...play} isDemo={config.isDemo} />
      <PageControls {...play} namespace={config.namespace} />
    </section>
  );
}

function EdgeControls({ play, change, isDemo }: PlayState & { isDemo: boolean }) {
  const { botScore, country } = play;
  return (
    <fieldset>
      <legend>The edge says</legend>
      <label className="score">
        <span>Bot score</span>
        <input
          type="range"
          min={1}
          max={99}
          value={botScore}
          style={{ "--limit": BOT_SCORE_LIMIT } as CSSProperties}
          aria-valuetext={`${botScore}, ${personOrBot(botScore)}`}
          onChange={({ target }) => change({ botScore: target.valueAsNumber })}
        />
        <output className={botScore < BOT_SCORE_LIMIT ? "bot" : "person"}>
          <b>{botScore}</b> {personOrBot(botScore)}
        </output>
        <small>{isDemo ? `Below ${BOT_SCORE_LIMIT}, the agent declines` : "Your agent decides what it means"}</small>
      </label>
      <label className="country">
        <span>Country</span>
        <select value={country} onChange={({ target }) => change({ country: target.value })}>
          {COUNTRIES.map((code) => <option key={code} value={code}>{NAMES.of(code)} ({code})</option>)}
        </select>
      </label>
    </fieldset>
  );
}

function PageControls({ play, change, namespace }: PlayState & { namespace: string }) {
  return (
    <fieldset>
      <legend>The page does</legend>
      <Switch
        checked={play.forge}
        label="Forge my score"
        hint={
          <>
            Sends <code>{namespace}</code> with a score of {FORGED.botScore} of its own
          </>
        }
        onChange={(forge) => change({ forge })}
      />
      <Switch
        checked={play.around}
        label="Go around the proxy"
        hint="Straight to Trigger.dev, with the same token"
        onChange={(around) => change({ around })}
      />
    </fieldset>
  );
}

interface SwitchProps {
  readonly checked: boolean;
  readonly label: string;
  readonly hint: React.ReactNode;
  onChange(checked: boolean): void;
}

function Switch({ checked, label, hint, onChange }: SwitchProps) {
  return (
    <label className="switch">
      <input type="checkbox" checked={checked} onChange={({ target }) => onChange(target.checked)} />
      <span>
        <b>{label}</b> <small>{hint}</small>
      </span>
    </label>
  );
}
