/** What the edge of `npm start` says of a caller. The chat is local, so somebody has to play the edge. */

/** Chooses the bot score of one request, from 1 (a bot) to 99 (a human). The proxy of `npm start` consumes it. */
export const BOT_SCORE_HEADER = "x-play-bot-score";

export interface EdgeSignals {
  readonly botScore: number;
  readonly ja4: string;
  readonly asn: number;
  readonly country: string;
}

export function edgeSignals(botScore: number): EdgeSignals & { readonly [key: string]: string | number } {
  return { botScore, ja4: "t13d1516h2_8daaf6152771_b186095e22b6", asn: 64496, country: "NL" };
}
