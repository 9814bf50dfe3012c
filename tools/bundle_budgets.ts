/**
 * What each export may cost whoever bundles it, and what must not come along with it.
 *
 * @module
 */

/** One export's budget. Sizes are of its whole bundle, minified and gzipped. */
export interface Budget {
  readonly gzipBytes: number;
  /** Files that must not be in it, by their paths from the root. */
  readonly noFiles: RegExp;
  /** Code that must not be in it, whatever file it came from. */
  readonly noCode?: RegExp;
}

const KIB = 1_024;
const OPTIONAL = /^src\/(?:admit|agent|client|pass|ready|seal|server|verdicts|watch)\b/;
const JOSE = /node_modules\/jose\//;
const LIBRARIES = /node_modules\//;
const STEPS = /^src\/(?:proxy|stamped|forward|splice|body|routes)\.ts$/;

/** What jose does, by the file that does it: names do not outlive minifying. */
export const SIGNS: RegExp = /node_modules\/jose\/.*\/jws\/compact\/sign\.js$/;
export const VERIFIES: RegExp = /node_modules\/jose\/.*\/jws\/compact\/verify\.js$/;
export const ENCRYPTS: RegExp = /node_modules\/jose\/.*\/jwe\/compact\/encrypt\.js$/;
export const DECRYPTS: RegExp = /node_modules\/jose\/.*\/jwe\/compact\/decrypt\.js$/;

/** The names of algorithms, which stay as they are. */
export const ALGORITHMS: RegExp = /A256GCM|AES-GCM|CBC-HS|EdDSA/;

const either = (...patterns: readonly RegExp[]): RegExp => new RegExp(patterns.map(({ source }) => source).join("|"));

/** An export without a line below: a whole server with seals fits, and nothing of the workshop is in it. */
const DEFAULT: Budget = { gzipBytes: 32 * KIB, noFiles: /^(?:tests|tools|bench|cli|dev|examples)\// };

/** A provider: it reads signals, and knows no step of a request's way. */
const provider = (gzipBytes: number): Budget => ({ gzipBytes, noFiles: either(STEPS, OPTIONAL, JOSE) });

const BUDGETS: Readonly<Record<string, Budget>> = {
  ".": { gzipBytes: 15 * KIB, noFiles: either(OPTIONAL, JOSE, /^adapters\//), noCode: ALGORITHMS },
  // All that can be imported from it. What is deployed is less: worker.test.ts holds it to 12 KiB.
  "./cloudflare": { gzipBytes: 13.5 * KIB, noFiles: either(OPTIONAL, JOSE), noCode: ALGORITHMS },
  "./cloudflare-sealed": { gzipBytes: 28 * KIB, noFiles: /^src\/(?:admit|agent|client|pass|server|verdicts)\b/ },
  // It has srvx in it.
  "./node": { gzipBytes: 40 * KIB, noFiles: DEFAULT.noFiles },
  // The local upstream is for machines of developers.
  "./dev": { gzipBytes: 80 * KIB, noFiles: /^(?:tests|tools|bench|cli|examples)\// },
  "./fastly": provider(3 * KIB),
  "./headers": provider(3 * KIB),
  "./cloudfront": provider(3.5 * KIB),
  "./akamai": provider(3.5 * KIB),
  "./fly": provider(3.5 * KIB),
  "./cloudflare-origin": provider(3.5 * KIB),
  "./signals": provider(3.5 * KIB),
  "./mmdb": provider(4.5 * KIB),
  "./forwarded": provider(6 * KIB),
  "./proofs": { gzipBytes: 14 * KIB, noFiles: either(STEPS, OPTIONAL, SIGNS, ENCRYPTS) },
  "./seal": { gzipBytes: 11 * KIB, noFiles: either(STEPS, /^src\/agent\b/, VERIFIES, DECRYPTS) },
  "./agent": {
    gzipBytes: 17 * KIB,
    noFiles: either(STEPS, SIGNS, ENCRYPTS, /^src\/(?:admit|client|pass|server|verdicts)\b/, /itty-router\//),
  },
  "./pass": {
    gzipBytes: 17 * KIB,
    noFiles: /^src\/(?:proxy|stamped|forward|splice|agent|server|client)\b|jose\/.*\/jws\//,
  },
  "./verdicts": { gzipBytes: 5 * KIB, noFiles: either(STEPS, LIBRARIES, /^src\/(?:pass|seal|agent|server|client)\b/) },
  "./admit": { gzipBytes: 5 * KIB, noFiles: either(STEPS, LIBRARIES, /^src\/(?:pass|seal|agent|server|client)\b/) },
  "./server": {
    gzipBytes: 4 * KIB,
    // A head start reads a body, as the proxy does.
    noFiles: either(
      /^src\/(?:proxy|stamped|forward|splice|routes)\.ts$/,
      LIBRARIES,
      /^src\/(?:pass|seal|agent|admit|client)\b/,
    ),
  },
  "./ready": { gzipBytes: 3 * KIB, noFiles: either(STEPS, LIBRARIES) },
  "./watch": { gzipBytes: 2 * KIB, noFiles: either(STEPS, LIBRARIES) },
  "./metrics": { gzipBytes: 1.5 * KIB, noFiles: either(STEPS, LIBRARIES, /^src\//) },
  "./analytics": { gzipBytes: 0.5 * KIB, noFiles: either(STEPS, LIBRARIES, /^src\//) },
  // Browsers load it: one file.
  "./client": { gzipBytes: 1_200, noFiles: /^(?!src\/client\.ts$)/ },
};

/** The budget of an export, by its key in `exports`. */
export function budgetOf(key: string): Budget {
  return BUDGETS[key] ?? DEFAULT;
}

/** The exports that have a budget of their own. */
export const BUDGETED: readonly string[] = Object.keys(BUDGETS);
