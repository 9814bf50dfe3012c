/** The page: who plays what above, the chat on the left, what happened to each message on the right. */

import { useMemo, useState } from "react";
import type { PageConfig } from "../../inspector_facts.ts";
import { ChatPane } from "./chat_pane.tsx";
import { Controls } from "./controls.tsx";
import { useFacts } from "./facts.ts";
import { Inspector } from "./inspector.tsx";
import { keepNew, type Kept, openKept } from "./kept.ts";
import { usePlay } from "./play.ts";
import { RouteMap } from "./route_map.tsx";
import { toTurns } from "./turns.ts";
import { useThroughChat } from "./use_chat.ts";

export function App({ config }: { config: PageConfig }) {
  const [kept, setKept] = useState(() => openKept(config.startId));
  return (
    <Playground
      key={kept.chatId}
      config={config}
      kept={kept}
      onNewChat={() => setKept(keepNew(config.startId))}
    />
  );
}

function Playground({ config, kept, onNewChat }: { config: PageConfig; kept: Kept; onNewChat: () => void }) {
  const play = usePlay();
  const chat = useThroughChat(config, kept, play);
  const { facts, connected } = useFacts(kept.chatId, config.startId);
  const turns = useMemo(() => toTurns(facts, chat.sendings), [facts, chat.sendings]);
  const [shown, setShown] = useState<{ readonly turnId: string }>();
  return (
    <>
      <header className="top">
        <h1>
          <Mark /> edgestamp
        </h1>
        <p>The page may claim what it likes. Watch what the agent is told.</p>
        <button type="button" onClick={onNewChat}>New chat</button>
      </header>
      <Controls play={play} config={config} />
      <RouteMap config={config} around={play.play.around} turn={turns.at(-1)} />
      <main>
        <ChatPane
          chat={chat}
          config={config}
          play={play.play}
          turns={turns}
          onShow={(turnId) => setShown({ turnId })}
        />
        <Inspector turns={turns} config={config} connected={connected} shown={shown} />
      </main>
    </>
  );
}

function Mark() {
  return <span className="mark" aria-hidden="true">✓</span>;
}
