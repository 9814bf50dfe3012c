/**
 * What stands for a reader's own in the documents: keys, widgets, models, apps. A block that needs another
 * name either says where it comes from, or has it declared here.
 */
declare const env: Record<string, string> & { readonly EDGE_SEAL_KEY: string };
declare const trust: import("../../mod.ts").TrustProvider;
declare const PASS_KEY: string;
declare const TURNSTILE_SECRET: string;
declare const runToken: string;
declare const chatId: string;
declare function accessToken(call: { chatId: string }): Promise<string>;
declare function startSession(call: { chatId: string }): Promise<{ publicAccessToken: string }>;
declare function modelFor(botScore: number | null | undefined): import("ai").LanguageModel;
declare function answer(...what: unknown[]): Promise<never>;
declare function run(): Promise<never>;
declare function log(event: unknown): void;
declare function requireOwner(chatId: string): Promise<void>;
declare function showWidget(): Promise<string>;
declare function startChat(call: object): Promise<{ publicAccessToken: string } | { refused: { code: string } }>;
declare const WORKER: string;
declare const key: string;
declare module "cloudflare:workers" {
  export const env: { readonly EDGE_REQUESTS: import("../../adapters/analytics.ts").AnalyticsDataset };
}
