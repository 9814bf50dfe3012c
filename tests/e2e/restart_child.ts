/** A local upstream in a process of its own, to be killed: `node restart_child.ts {file} {port}`. Prints where it listens. */

import { startLocal } from "../../dev/serve.ts";

const [file = "", port = "0"] = process.argv.slice(2);
const { url } = await startLocal({ file, port: Number(port) });
console.log(url);
