import { connection } from "next/server";
import { Chat } from "./chat";

export default async function Page() {
  await connection(); // each visitor has a chat of his own
  return <Chat chatId={`chat-${crypto.randomUUID()}`} userId="you" />;
}
