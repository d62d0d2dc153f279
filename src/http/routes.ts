import { collecteRoutes } from "./collectes.ts";
import { commandRoutes } from "./commands.ts";
import { contactRoutes } from "./contacts/routes.ts";
import { delegationRoutes } from "./delegations.ts";
import { createDelivery } from "./delivery.ts";
import { documentRoutes } from "./documents.ts";
import type { Door } from "./door.ts";
import { firmRoutes } from "./firm.ts";
import { firmMarkRoutes } from "./firm-marks.ts";
import { healthRoutes } from "./health.ts";
import { keyRoutes } from "./keys.ts";
import { meRoutes } from "./me.ts";
import { memberRoutes } from "./members.ts";
import { parapheurListRoutes } from "./parapheur-list.ts";
import { parapheurSessionRoutes } from "./parapheur-sessions.ts";
import { proofRoutes } from "./proofs.ts";
import type { Route } from "./route.ts";
import { sessionRoutes } from "./sessions.ts";
import { signInRoutes } from "./sign-in.ts";
import { signingRoutes } from "./signing.ts";
import { smsReceiptRoutes } from "./sms-receipts.ts";
import { testClockRoutes } from "./test-clock.ts";
import { verifyRoutes } from "./verify.ts";

/** Every route of the API and its probes. */
export function apiRoutes(door: Door): Route[] {
  const delivery = createDelivery(door);
  return [
    ...documentRoutes(door),
    ...verifyRoutes(door),
    ...collecteRoutes(door, delivery),
    ...contactRoutes(door),
    ...commandRoutes(door, delivery),
    ...proofRoutes(door),
    ...memberRoutes(door, delivery),
    ...delegationRoutes(door),
    ...keyRoutes(door),
    ...firmRoutes(door),
    ...firmMarkRoutes(door),
    ...meRoutes(door, delivery),
    ...signInRoutes(door),
    ...sessionRoutes(door),
    ...signingRoutes(door, delivery),
    ...parapheurListRoutes(door),
    ...parapheurSessionRoutes(door, delivery),
    ...smsReceiptRoutes(door),
    ...healthRoutes(door),
    ...testClockRoutes(door),
  ];
}
