import { useChat } from "@ai-sdk/react";
import { useTriggerChatTransport } from "@trigger.dev/sdk/chat/react";
import { type FormEvent, useState } from "react";
import { AGENT, EDGE_URL, startSession, tokenFor } from "./edge.ts";

export function Chat({ chatId, userId }: { chatId: string; userId: string }) {
  const transport = useTriggerChatTransport({
    task: AGENT,
    baseURL: EDGE_URL,
    // The proxy's own key is not here: it would be gone on the way.
    clientData: { userId },
    startSession: ({ chatId, clientData }) => startSession(chatId, clientData),
    accessToken: ({ chatId }) => tokenFor(chatId),
  });
  const { messages, sendMessage, status, error } = useChat({ id: chatId, transport });
  const [text, setText] = useState("");
  const isBusy = status === "submitted" || status === "streaming";
  const send = (event: FormEvent) => {
    event.preventDefault();
    void sendMessage({ text });
    setText("");
  };
  return (
    <main>
      {messages.map(({ id, role, parts }) => (
        <p key={id}>
          <b>{role === "user" ? "You" : "Agent"}:</b>{" "}
          {parts.map((part) => (part.type === "text" ? part.text : "")).join("")}
        </p>
      ))}
      {error && <p role="alert">{error.message}</p>}
      <form onSubmit={send}>
        <input aria-label="Message" value={text} onChange={({ target }) => setText(target.value)} />
        <button type="submit" disabled={isBusy || text === ""}>Send</button>
      </form>
    </main>
  );
}
