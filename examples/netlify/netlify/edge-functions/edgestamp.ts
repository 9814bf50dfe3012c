export { default } from "edgestamp/netlify";

// Netlify reads this without running the file.
export const config = { path: "/*" };
