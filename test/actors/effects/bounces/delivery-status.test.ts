import { expect } from "chai";
import { deliveryStatuses } from "../../../../src/actors/effects/bounces/delivery-status.ts";
import { notification } from "../../../integration/postman.ts";

const read = (text: string) => deliveryStatuses(Buffer.from(text));

describe("a notification of what became of a mail", () => {
  it("says so in its machine-readable part, and nowhere else", () => {
    expect(read(notification("failed", "5.1.1 (bad mailbox)"))).to.deep.equal([
      { action: "failed", status: "5.1.1" },
    ]);
    expect(read(notification("Delayed", "4.4.7"))).to.deep.equal([{ action: "delayed", status: "4.4.7" }]);
  });

  it("may have bare line ends, an odd boundary or an encoding", () => {
    expect(read(notification("failed", "5.2.2").replaceAll("\r\n", "\n"))).to.have.length(1);
    expect(read(notification("failed", "5.2.2", "=_(a?b+c*d)"))).to.have.length(1);
    const plain = "Reporting-MTA: dns; mx\r\n\r\nAction: failed\r\nStatus: 5.7.1\r\n";
    const single = (encoding: string, body: string) =>
      `Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`;
    const expected = [{ action: "failed", status: "5.7.1" }];
    expect(read(single("base64", Buffer.from(plain).toString("base64")))).to.deep.equal(expected);
    expect(read(single("quoted-printable", plain.replace("failed", "fail=\r\ne=64")))).to.deep.equal(
      expected,
    );
  });

  it("is no other mail, cut or absurd", () => {
    const whole = notification("failed", "5.1.1");
    for (const text of [
      "",
      "\r\n\r\n",
      "Subject: Absent du bureau\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n",
      whole.replace("multipart/report", "multipart/mixed"),
      whole.replace("Status: 5.1.1", "Status: ?"),
      whole.replace("Action: failed\r\n", ""),
      whole.slice(0, whole.indexOf("Final-Recipient")),
    ])
      expect(read(text), text.slice(0, 60)).to.deep.equal([]);
    for (let end = 0; end < whole.length; end += 7) read(whole.slice(0, end));
  });
});
