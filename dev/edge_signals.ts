/**
 * What the edge of `npm start` says of a caller. The chat is local, so somebody has to play the edge: the page does, with
 * two headers that the proxy of `npm start` consumes. Development only: whoever calls chooses.
 */

/** Chooses the bot score of one request, from 1 (a bot) to 99 (a human). */
export const BOT_SCORE_HEADER = "x-play-bot-score";

/** Chooses the country of one request: two capital letters, as in ISO 3166-1. */
export const COUNTRY_HEADER = "x-play-country";

/** What somebody who plays the edge can choose. */
export type Played = { readonly botScore: number; readonly country: string };

/** What the edge says where nobody chooses. */
export const UNPLAYED: Played = { botScore: 95, country: "NL" };

export type EdgeSignals = Played & { readonly ja4: string; readonly asn: number };

/** The headers of a request that plays the edge. */
export function playHeaders({ botScore, country }: Played): Record<string, string> {
  return { [BOT_SCORE_HEADER]: String(botScore), [COUNTRY_HEADER]: country };
}

/** Reads what was chosen. What is missing or makes no sense is {@link UNPLAYED}. */
export const playedEdge: {
  readonly name: string;
  readonly consumes: readonly string[];
  read(request: Request): EdgeSignals;
} = {
  name: "playing the edge",
  consumes: [BOT_SCORE_HEADER, COUNTRY_HEADER],
  read: ({ headers }: Request) => {
    const botScore = Number(headers.get(BOT_SCORE_HEADER));
    const country = headers.get(COUNTRY_HEADER) ?? "";
    return {
      botScore: Number.isInteger(botScore) && botScore >= 1 && botScore <= 99 ? botScore : UNPLAYED.botScore,
      ja4: "t13d1516h2_8daaf6152771_b186095e22b6",
      asn: 64496,
      country: /^[A-Z]{2}$/.test(country) ? country : UNPLAYED.country,
    };
  },
};
