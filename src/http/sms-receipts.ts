import type { Request, Response } from "express";
import type { Door } from "./door.ts";
import { Problem } from "./problem.ts";
import { parameter, type Route } from "./route.ts";

/** Where SMS gateways say what became of SMS; each shows a secret of its own. */
export function smsReceiptRoutes(door: Pick<Door, "smsReceipts">): Route[] {
  const described = {
    method: "post",
    access: "open",
    body: "receipt",
    answer: { status: 204, description: "Taken, also when it tells nothing new" },
    handle: (request: Request, response: Response) => take(door, request, response),
  } as const;
  return [
    {
      ...described,
      path: "/v1/sms/receipts/{gateway}",
      operationId: "takeSmsReceipt",
      summary: "A gateway's delivery receipt, with its secret in a header",
    },
    {
      ...described,
      path: "/v1/sms/receipts/{gateway}/{secret}",
      operationId: "takeSmsReceiptAtSecretPath",
      summary: "The same, of a gateway that can only be told an address",
    },
  ];
}

async function take(
  { smsReceipts }: Pick<Door, "smsReceipts">,
  request: Request,
  response: Response,
): Promise<void> {
  const outcome = await smsReceipts.take(parameter(request, "gateway"), {
    pathSecret: parameter(request, "secret"),
    header: (name) => request.get(name),
    contentType: request.get("Content-Type") ?? "",
    body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(0),
  });
  switch (outcome) {
    case "taken":
      response.status(204).end();
      return;
    case "unknown":
      throw new Problem("not_found");
    case "forged":
      throw new Problem("receipt_secret_wrong");
    case "unreadable":
      throw new Problem("malformed_json");
  }
}
