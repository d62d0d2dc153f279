import { runCompiled } from "./run-compiled.mjs";

/* `npm run bench`: makes the checkout ready and measures. Arguments go to bench/command.ts. */

runCompiled("bench/command.js");
