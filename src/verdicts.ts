/**
 * Captcha services, as what vouches for a pass.
 *
 * ```ts
 * import { passes } from "edgestamp/pass";
 * import { turnstile } from "edgestamp/verdicts";
 *
 * const key = '{"kty":"oct","kid":"…","k":"…"}'; // edgestamp keygen --encrypted
 * const secret = "0x4AAAAAAA…";
 * passes({ key, verdict: turnstile({ secret, hostnames: ["app.example.com"], action: "chat" }) });
 * ```
 *
 * @module
 */
export { turnstile, type TurnstileOptions } from "./verdicts/turnstile.ts";
export { recaptcha, type RecaptchaEnterpriseOptions, type RecaptchaOptions } from "./verdicts/recaptcha.ts";
export { hcaptcha, type HcaptchaOptions } from "./verdicts/hcaptcha.ts";
export { type Json, type Platform, type Signals } from "./trust.ts";
export { type Verdict, type VerdictCall, type VerdictOptions, type VerdictProvider } from "./verdicts/provider.ts";
