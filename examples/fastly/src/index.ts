/// <reference types="@fastly/js-compute" />
import { ConfigStore } from "fastly:config-store";
import { listen } from "edgestamp/fastly-compute";

const NAMES = ["TRIGGER_API_UPSTREAM", "EDGE_ALLOWED_ORIGINS", "EDGE_NAMESPACE", "EDGE_GUARD", "EDGE_SEAL"];

// Called when the first request comes: stores cannot be read while the service is built.
listen(() => {
  const settings = new ConfigStore("edgestamp");
  return Object.fromEntries(NAMES.map((name) => [name, settings.get(name)]));
});
