/**
 * No dead exports in the rooms that are shipped, and no package that nobody imports. The front doors
 * are those that deno.json and package.json name; all other folders are programs, which may export what they like.
 *
 * @module
 */
import { readFileSync } from "node:fs";

const { exports } = JSON.parse(readFileSync("deno.json", "utf8")) as { exports: Record<string, string> };

export default {
  entry: [
    ...Object.values(exports),
    "cli/main.ts",
    "{bench,dev,examples,tests,tools}/**/*.{js,ts,tsx}",
  ],
  project: ["{src,adapters,cli}/**/*.ts", "{bench,dev,tests,tools}/**/*.{js,ts,tsx}"],
  ignore: ["examples/**"],
  ignoreDependencies: [
    // Programs that the tests run.
    "@arethetypeswrong/cli",
    "@netlify/edge-functions-dev",
    "publint",
    // What has no import statement: it is looked for at run time.
    "@ip-location-db/geo-whois-asn-country-mmdb",
    "axe-core",
    "mmdb-lib",
    "tinybench",
    // The judge is the router that Remix itself comes with, and no other version of it.
    "@remix-run/node",
    "@remix-run/router",
  ],
  ignoreBinaries: ["wrk"],
  // The test runner's stand-in on workerd has the two names for one thing that `node:test` has.
  exclude: ["duplicates"],
};
