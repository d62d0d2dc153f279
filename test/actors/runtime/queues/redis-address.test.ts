import { expect } from "chai";
import { QueueRefused } from "../../../../src/actors/runtime/queues/errors.ts";
import { redisAddress, serverOptions } from "../../../../src/actors/runtime/queues/redis-address.ts";

describe("the address in REDIS_URL", () => {
  it("is a server when it is one URL, with its database", () => {
    const address = redisAddress("rediss://alice:p%2Cw@[::1]/3");
    expect(address).to.deep.include({ isCluster: false, nodes: [{ host: "::1", port: 6379 }] });
    expect(serverOptions(address)).to.deep.include({
      host: "::1",
      port: 6379,
      username: "alice",
      password: "p,w",
      db: 3,
      tls: {},
      maxRetriesPerRequest: null,
    });
  });

  it("is a cluster when it is several, with one access for all nodes", () => {
    const address = redisAddress("rediss://:p,w@a:7000,rediss://:p,w@b:7001 , rediss://:p,w@c");
    expect(address.isCluster).to.equal(true);
    expect(address.nodes).to.deep.equal([
      { host: "a", port: 7000 },
      { host: "b", port: 7001 },
      { host: "c", port: 6379 },
    ]);
    expect(address.access).to.deep.include({ password: "p,w", tls: {} });
  });

  it("is a cluster when one name is given twice", () => {
    expect(redisAddress("redis://a,redis://a").isCluster).to.equal(true);
  });

  it("is refused when its nodes differ in anything but host and port, without saying a password", () => {
    for (const setting of [
      "redis://:s3cret@a,redis://b",
      "redis://:s3cret@a,rediss://:s3cret@b",
      "redis://u:s3cret@a,redis://v:s3cret@b",
      "redis://:s3cret@a/1,redis://:s3cret@b/1",
    ]) {
      expect(() => redisAddress(setting))
        .to.throw(QueueRefused)
        .with.property("message")
        .that.contains("REDIS_URL")
        .and.not.contains("s3cret");
    }
  });
});
