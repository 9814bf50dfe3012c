export { default } from "edgestamp/deno";
