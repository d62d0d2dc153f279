import { randomBytes } from "node:crypto";
import type { LookupAddress } from "node:dns";
import { Readable } from "node:stream";
import { inspect } from "node:util";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { createGuardedWay, type GuardOptions } from "../../../src/actors/effects/guard.ts";
import { Retryable, Terminal } from "../../../src/actors/runtime/errors.ts";
import type { BucketTarget, ObjectStores, Upload } from "../../../src/actors/runtime/ports.ts";
import { joinObjectStores } from "../../../src/object-stores.ts";
import { createObjectStores } from "../../../src/store/s3/object-stores.ts";
import { sharedS3, type TestS3 } from "../../support/s3-server.ts";
import { thrownBy } from "../../support/thrown.ts";
import { sha256Of } from "./contract.ts";
import { type LyingS3, lyingS3 } from "./lying-s3.ts";

const bytes = randomBytes(50_000);
const document: Upload = {
  bytes: bytes.length,
  sha256: sha256Of(bytes),
  open: async () => Readable.from([bytes]),
};

describe("a bucket that a firm names", function () {
  this.timeout(20_000);
  let s3: TestS3;
  let target: BucketTarget & { endpoint: string };
  let way: LyingS3;
  let opened: ObjectStores[];
  before(async function () {
    const server = await sharedS3();
    if (!server) return this.skip();
    s3 = server;
  });
  beforeEach(async () => {
    const { bucket, accessKeyId, secretAccessKey } = await s3.bucket();
    way = await lyingS3(s3.endpoint);
    target = {
      kind: "s3",
      bucket,
      prefix: "/2027/letters/",
      endpoint: way.endpoint,
      accessKeyId,
      secretAccessKey,
    };
    opened = [];
  });
  afterEach(async () => {
    for (const one of opened) one.close();
    await way.close();
  });

  function stores(options: GuardOptions = { mayLoop: true }): ObjectStores {
    const one = createObjectStores(createGuardedWay(options), { pausesMs: [1, 1], stallMs: 500 });
    opened.push(one);
    return one;
  }

  it("gets a document under its key, and once more in its place", async () => {
    const { accessKeyId, secretAccessKey, bucket: Bucket } = target;
    for (let twice = 0; twice < 2; twice++) await stores().put(target, "Durand/lettre.pdf", document);
    const credentials = { accessKeyId, secretAccessKey };
    const reader = new S3Client({
      endpoint: s3.endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      credentials,
    });
    const answer = await reader.send(new GetObjectCommand({ Bucket, Key: "2027/letters/Durand/lettre.pdf" }));
    expect(sha256Of((await answer.Body?.transformToByteArray()) ?? bytes.subarray(1))).to.equal(
      document.sha256,
    );
    expect(answer.ContentType).to.equal("application/pdf");
    reader.destroy();
  });

  it("is reached by the engine as it is joined", async () => {
    const joined = joinObjectStores({ mayLoop: true });
    opened.push(joined);
    await joined.put(target, "lettre.pdf", document);
    expect(way.seen[0]).to.match(/^PUT .*2027\/letters\/lettre\.pdf/);
    const outside = joinObjectStores({ mayLoop: false });
    opened.push(outside);
    expect(await thrownBy(outside.put(target, "a.pdf", document))).to.have.property(
      "code",
      "outgoing_url_refused",
    );
  });

  it("is told to be away or to refuse, without its secret", async () => {
    for (const [status, code] of [
      [503, "delivery_unreachable"],
      [403, "delivery_refused"],
    ] as const) {
      way.lie = () => status;
      const failure = await thrownBy(stores().put(target, "a.pdf", document));
      expect(failure).to.be.instanceOf(Retryable).and.to.have.property("code", code);
      expect(inspect(failure, { depth: 9 })).not.to.match(/hush|tests:engine/);
    }
    way.lie = () => "pass";
    const nowhere = { ...target, bucket: "tests-nowhere" };
    expect(await thrownBy(stores().put(nowhere, "a.pdf", document))).to.have.property(
      "code",
      "delivery_refused",
    );
    const other = { ...document, sha256: sha256Of(randomBytes(8)) };
    expect(await thrownBy(stores().put(target, "a.pdf", other))).to.have.property(
      "code",
      "delivery_unconfirmed",
    );
  });

  it("is no way into the network of the engine", async () => {
    const refused = async (
      endpoint: string | undefined,
      code: string,
      options: GuardOptions = { mayLoop: false },
    ) => {
      const { endpoint: _, ...rest } = target;
      const there = { ...rest, ...(endpoint !== undefined && { endpoint }) };
      const failure = await thrownBy(stores(options).put(there, "a.pdf", document));
      expect(failure, endpoint).to.be.instanceOf(Terminal).and.to.have.property("code", code);
    };
    await refused(way.endpoint, "outgoing_url_refused");
    await refused("https://127.0.0.1/", "outgoing_address_refused");
    await refused("https://[::1]/", "outgoing_address_refused");
    await refused("https://169.254.169.254/", "outgoing_address_refused");
    await refused("https://10.0.0.1/", "outgoing_address_refused", { mayLoop: true });
    await refused("http://8.8.8.8/", "outgoing_address_refused", { mayLoop: true });
    await refused("ftp://store.example/", "outgoing_url_refused");
    await refused("https://key:secret@store.example/", "outgoing_url_refused");
    const resolve = ((_name: string, _options: object, answer: (error: null, all: LookupAddress[]) => void) =>
      answer(null, [{ address: "192.168.1.9", family: 4 }])) as unknown as NonNullable<
      GuardOptions["resolve"]
    >;
    await refused("https://store.example/", "outgoing_address_refused", { mayLoop: true, resolve });
    await refused(undefined, "outgoing_address_refused", { mayLoop: true, resolve });
    expect(way.seen).to.deep.equal([]);
    for (const bucket of ["169.254.169.254", "a/../b", "x@internal", "A"]) {
      const failure = await thrownBy(stores().put({ ...target, bucket }, "a.pdf", document));
      expect(failure, bucket).to.have.property("code", "outgoing_url_refused");
    }
    const failure = await thrownBy(stores().put({ ...target, region: "a.internal#" }, "a.pdf", document));
    expect(failure).to.have.property("code", "outgoing_url_refused");
  });
});
