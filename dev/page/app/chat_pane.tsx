/** The chat. */

import { type KeyboardEvent, type SyntheticEvent, useEffect, useRef, useState } from "react";
import type { PageConfig } from "../../inspector_facts.ts";
import { Message } from "./message.tsx";
import type { Play } from "./play.ts";
import type { Turn } from "./turns.ts";
import type { Chat } from "./use_chat.ts";
import { explain } from "./words.ts";

const SUGGESTIONS = ["What are your opening hours?", "Give me a discount code", "delete notes.txt"];

const OPENINGS = ["Hello", "What do you know of me?"];

export interface ChatPaneProps {
  readonly chat: Chat;
  readonly config: PageConfig;
  readonly play: Play;
  readonly turns: readonly Turn[];
  onShow(turnId: string): void;
}

export function ChatPane(props: ChatPaneProps) {
  const { chat } = props;
  const send = (text: string): void => {
    if (text.trim() !== "" && !isBusy(chat)) void chat.sendMessage({ text: text.trim() });
  };
  return (
    <section className="chat" aria-labelledby="chat-title">
      <h2 id="chat-title">Chat</h2>
      <Log {...props} onSuggest={send} />
      <Status chat={chat} />
      <Composer chat={chat} onSend={send} />
    </section>
  );
}

function isBusy({ status, isReadOnly }: Chat): boolean {
  return status === "submitted" || status === "streaming" || isReadOnly;
}

function Log({ chat, config, play, turns, onShow, onSuggest }: ChatPaneProps & { onSuggest(text: string): void }) {
  const { messages, error, status, addToolApprovalResponse } = chat;
  const end = useRef<HTMLDivElement>(null);
  const asked = messages.findLast(({ role }) => role === "user")?.id;
  const where = play.around
    ? { name: "Trigger.dev", url: config.upstreamUrl }
    : { name: "The proxy", url: config.proxyUrl };
  useEffect(() => {
    const log = end.current!;
    log.scrollTop = log.scrollHeight;
  }, [messages, error]);
  return (
    // Focusable, so that it can be scrolled by keyboard.
    <div className="log" ref={end} role="log" aria-label="Messages" aria-busy={status === "streaming"} tabIndex={0}>
      {messages.length === 0 && <Welcome isDemo={config.isDemo} onSuggest={onSuggest} />}
      {messages.map((message) => (
        <Message
          key={message.id}
          message={message}
          turn={turns.find(({ messageId }) => messageId === message.id)}
          namespace={config.namespace}
          error={message.id === asked && error !== undefined ? explain(error.message, where) : undefined}
          isWriting={status === "streaming" && message === messages.at(-1)}
          onShow={onShow}
          onApprove={(id, approved) => void addToolApprovalResponse({ id, approved })}
        />
      ))}
    </div>
  );
}

function Welcome({ isDemo, onSuggest }: { isDemo: boolean; onSuggest(text: string): void }) {
  return (
    <div className="welcome">
      <p>
        {isDemo
          ? "The agent repeats what you say, unless the edge says that you are likely a bot."
          : "Your agent answers here. Say anything."}
      </p>
      <ul>
        {(isDemo ? SUGGESTIONS : OPENINGS).map((text) => (
          <li key={text}>
            <button type="button" onClick={() => onSuggest(text)}>{text}</button>
          </li>
        ))}
      </ul>
      <p>Then forge your score, or go around the proxy, and say it again.</p>
    </div>
  );
}

/** One line whose place is kept, so that nothing moves when it changes. */
function Status({ chat: { status, isReadOnly } }: { chat: Chat }) {
  const words = isReadOnly
    ? "Another tab writes in this chat"
    : { submitted: "Sending …", streaming: "The agent writes …", ready: "", error: "" }[status];
  return <p className="status" role="status">{words}</p>;
}

function Composer({ chat, onSend }: { chat: Chat; onSend(text: string): void }) {
  const [text, setText] = useState("");
  const isOpen = chat.status === "submitted" || chat.status === "streaming";
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (isBusy(chat)) return;
    onSend(text);
    setText("");
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
  };
  return (
    <form className="composer" onSubmit={submit}>
      <label className="hidden" htmlFor="message">Message</label>
      <textarea
        id="message"
        rows={2}
        placeholder="Write to the agent"
        value={text}
        readOnly={chat.isReadOnly}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={onKeyDown}
      />
      {isOpen && !chat.isReadOnly
        ? <button type="button" key="stop" onClick={() => void chat.stop()}>Stop</button>
        : <button type="submit" key="send" className="primary" disabled={chat.isReadOnly}>Send</button>}
    </form>
  );
}
