import { createHmac } from "node:crypto";
import { expect } from "chai";
import type { ReceiptDescription } from "../../../../src/actors/effects/sms/http-description.ts";
import { isGenuine, receiptsIn } from "../../../../src/actors/effects/sms/http-receipts.ts";
import type { SmsReceiptCall } from "../../../../src/actors/runtime/ports.ts";

const value = "a secret of tests";
const words = { delivered: ["DELIVRD", "0"], failed: ["UNDELIV"] };
const description: ReceiptDescription = {
  secret: { kind: "path", value },
  reference: "/id",
  names: "theirs",
  status: "/status",
  ...words,
};

function callOf(
  body: string,
  more: Partial<SmsReceiptCall> & { headers?: Record<string, string> } = {},
): SmsReceiptCall {
  return {
    pathSecret: "",
    header: (name) => more.headers?.[name.toLowerCase()],
    contentType: "application/json",
    body: Buffer.from(body),
    ...more,
  };
}

describe("a delivery receipt by HTTP", () => {
  it("shows the secret in its path or in a header", () => {
    expect(isGenuine(description, callOf("", { pathSecret: value }))).to.equal(true);
    for (const pathSecret of ["", "x", `${value}x`]) {
      expect(isGenuine(description, callOf("", { pathSecret })), pathSecret).to.equal(false);
    }
    const byHeader = { ...description, secret: { kind: "header", header: "X-Token", value } as const };
    expect(isGenuine(byHeader, callOf("", { headers: { "x-token": value } }))).to.equal(true);
    expect(isGenuine(byHeader, callOf("", { pathSecret: value }))).to.equal(false);
  });

  it("is signed over its very bytes", () => {
    const secret = {
      kind: "hmac",
      header: "X-Signature",
      value,
      encoding: "hex",
      prefix: "sha256=",
    } as const;
    const signed = { ...description, secret };
    const mac = createHmac("sha256", value).update('{"id":"1"}').digest("hex");
    const headers = { "x-signature": `sha256=${mac}` };
    expect(isGenuine(signed, callOf('{"id":"1"}', { headers }))).to.equal(true);
    expect(isGenuine(signed, callOf('{"id":"2"}', { headers }))).to.equal(false);
    expect(isGenuine(signed, callOf('{"id":"1"}', { headers: { "x-signature": mac } }))).to.equal(false);
  });

  it("says in JSON or in a form what became of an SMS; what is not the end says nothing", () => {
    const read = (call: SmsReceiptCall) => receiptsIn("main", description, call, 5);
    const told = { gateway: "main", reference: "7", code: "sms_undelivered", at: 5 };
    expect(read(callOf('{"id":7,"status":"DELIVRD"}'))).to.deep.equal([{ ...told, status: "delivered" }]);
    const form = { contentType: "application/x-www-form-urlencoded; charset=utf-8" };
    expect(read(callOf("id=7&status=UNDELIV", form))).to.deep.equal([{ ...told, status: "failed" }]);
    expect(read(callOf('{"id":"7","status":"queued"}'))).to.deep.equal([]);
    for (const body of ["", "null", "[]", '{"id":"7"}', '{"status":"DELIVRD"}', "{"]) {
      expect(read(callOf(body)), body).to.equal(undefined);
    }
  });

  it("may come in a list, under our own names", () => {
    const list = { ...description, list: "/results", names: "ours" as const };
    const body = JSON.stringify({
      results: [
        { id: "e.1.0", status: 0 },
        { id: "e.2.0", status: "UNDELIV" },
      ],
    });
    const receipts = receiptsIn("main", list, callOf(body), 5) ?? [];
    expect(receipts.map((one) => [one.reference, one.isOurName, one.status])).to.deep.equal([
      ["e.1.0", true, "delivered"],
      ["e.2.0", true, "failed"],
    ]);
    expect(receiptsIn("main", list, callOf('{"results":{}}'), 5)).to.equal(undefined);
  });
});
