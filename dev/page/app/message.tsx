/** One message of the chat. */

import { isToolUIPart, type UIMessage } from "ai";
import { Stamp } from "./stamp.tsx";
import type { Turn } from "./turns.ts";
import { verdictOf } from "./verdict.ts";
import { turnedDown } from "./words.ts";

export interface MessageProps {
  readonly message: UIMessage;
  /** What became of it, where the user sent it. */
  readonly turn: Turn | undefined;
  readonly namespace: string;
  readonly error: string | undefined;
  readonly isWriting: boolean;
  onShow(turnId: string): void;
  onApprove(id: string, approved: boolean): void;
}

export function Message({ message, turn, namespace, error, isWriting, onShow, onApprove }: MessageProps) {
  const isUser = message.role === "user";
  const problem = error ?? (turn?.error === undefined ? undefined : turnedDown(turn.error) ?? turn.error);
  return (
    <article className={`message ${message.role}`} aria-label={isUser ? "You" : "The agent"}>
      <div className={`bubble${isWriting ? " writing" : ""}`}>
        {message.parts.map((part, index) => <Part key={index} part={part} onApprove={onApprove} />)}
      </div>
      {isUser && <Receipt turn={turn} namespace={namespace} onShow={onShow} />}
      {isUser && problem !== undefined && <p className="problem" role="alert">{problem}</p>}
    </article>
  );
}

/** What the message was stamped with: a way into the inspector. */
function Receipt({ turn, namespace, onShow }: Pick<MessageProps, "turn" | "namespace" | "onShow">) {
  if (turn === undefined || turn.reached === undefined) {
    return <p className="receipt">{turn?.refused === undefined ? "on its way" : "refused"}</p>;
  }
  const { claimed, stamp, tone, label } = verdictOf(turn, namespace);
  return (
    <p className="receipt">
      <button type="button" className="quiet" onClick={() => onShow(turn.id)} title="Show in the inspector">
        <span className="hidden">{label}:</span>
        {claimed !== undefined && !turn.around && <s>claimed {String((claimed as { botScore?: unknown }).botScore)}</s>}
        <Stamp stamp={stamp} tone={tone} />
      </button>
    </p>
  );
}

function Part({ part, onApprove }: { part: UIMessage["parts"][number] } & Pick<MessageProps, "onApprove">) {
  if (part.type === "text") return <p>{part.text}</p>;
  if (!isToolUIPart(part)) return null;
  const input = JSON.stringify(part.input);
  if (part.state === "approval-requested") {
    const { id } = part.approval;
    return (
      <div className="tool">
        <p>
          May I run <code>{part.type.replace(/^tool-/, "")}</code> with <code>{input}</code>?
        </p>
        <button type="button" onClick={() => onApprove(id, true)}>Allow</button>
        <button type="button" onClick={() => onApprove(id, false)}>Deny</button>
      </div>
    );
  }
  const outcome =
    { "output-available": "done", "output-denied": "denied", "output-error": "failed" }[part.state as string] ?? "…";
  return (
    <p className="tool">
      <code>{part.type.replace(/^tool-/, "")}</code> {input} {outcome}
    </p>
  );
}
