/// <reference types="@fastly/js-compute" />
import { ConfigStore } from "fastly:config-store";
import { SecretStore } from "fastly:secret-store";
import { listen } from "edgestamp/fastly-compute";

// Called when the first request comes: stores cannot be read while the service is built.
listen(async () => {
  const settings = new ConfigStore("edgestamp");
  const key = await new SecretStore("edgestamp").get("EDGE_SEAL_KEY");
  return {
    TRIGGER_API_UPSTREAM: settings.get("TRIGGER_API_UPSTREAM"),
    EDGE_ALLOWED_ORIGINS: settings.get("EDGE_ALLOWED_ORIGINS"),
    EDGE_SEAL: "signed",
    EDGE_SEAL_KEY: key?.plaintext(),
  };
});
