/** Begins the page: asks its server where everything is, then shows the chat. */

import { createRoot } from "react-dom/client";
import type { PageConfig } from "../../inspector_facts.ts";
import { App } from "./app.tsx";

const root = createRoot(document.getElementById("root")!);
try {
  const response = await fetch("/app/config");
  if (!response.ok) throw new Error(`its server answered ${response.status}`);
  root.render(<App config={await response.json() as PageConfig} />);
} catch (error) {
  root.render(
    <p className="fatal" role="alert">
      The page could not begin ({(error as Error).message}): see whether its server still runs, and reload.
    </p>,
  );
}
