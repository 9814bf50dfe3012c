/** The inspector's facts of one chat, as they come. */

import { useEffect, useState } from "react";
import type { Numbered } from "../../inspector_facts.ts";

export interface FactsState {
  readonly facts: readonly Numbered[];
  readonly connected: boolean;
}

export function useFacts(chatId: string, startId: string): FactsState {
  const [facts, setFacts] = useState<readonly Numbered[]>([]);
  const [connected, setConnected] = useState(true);
  useEffect(() => {
    setFacts([]);
    const source = new EventSource(`/inspect?chat=${encodeURIComponent(chatId)}`);
    source.onopen = () => setConnected(true);
    source.onerror = () => setConnected(false);
    source.onmessage = ({ data }) => {
      const fact = JSON.parse(data as string) as Numbered;
      setFacts((known) => (known.some(({ n }) => n === fact.n) ? known : [...known, fact]));
    };
    // Another start has other servers, and knows nothing of this chat.
    source.addEventListener("start", ({ data }) => {
      if (data !== startId) location.reload();
    });
    return () => source.close();
  }, [chatId, startId]);
  return { facts, connected };
}
