export { default } from "edgestamp/vercel";
