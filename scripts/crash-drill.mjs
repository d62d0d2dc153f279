import { runCompiled } from "./run-compiled.mjs";

/* `npm run crash-drill`: makes the checkout ready and kills engines. Arguments go to test/drill/command.ts. */

runCompiled("test/drill/command.js");
