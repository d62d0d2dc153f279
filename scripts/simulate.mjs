import { runCompiled } from "./run-compiled.mjs";

/* `npm run simulate`: makes the checkout ready and plays histories. Arguments go to test/simulation/command.ts. */

runCompiled("test/simulation/command.js");
