import { expect } from "chai";
import { readSettings } from "../../config/settings.ts";
import { aFolder, faultsOf, production } from "./environments.ts";

describe("the settings of a bucket", () => {
  const folder = aFolder();

  it("name a bucket for documents, and the key to it", () => {
    const key = { S3_ACCESS_KEY_ID: "engine", S3_SECRET_ACCESS_KEY_FILE: folder.file("s3", "hush-s3\n") };
    const given = { COLLECTE_DATA: folder.path, BLOBS_URL: "s3://cabinet-documents/a/b/", ...key };
    expect(readSettings({ COLLECTE_DATA: folder.path }).blobs).to.equal(undefined);
    expect(readSettings(given).blobs).to.deep.equal({
      bucket: "cabinet-documents",
      prefix: "a/b/",
      region: "us-east-1",
      accessKeyId: "engine",
      secretAccessKey: "hush-s3",
      pathStyle: false,
      cacheBytes: 2_000_000_000,
    });
    const elsewhere = { S3_ENDPOINT: "https://s3.example", S3_REGION: "fr-par" };
    expect(readSettings({ ...given, ...elsewhere, BLOBS_URL: "s3://cabinet" }).blobs).to.include({
      bucket: "cabinet",
      prefix: "",
      endpoint: "https://s3.example",
      region: "fr-par",
      pathStyle: true,
    });
    expect(readSettings({ ...given, ...elsewhere, S3_PATH_STYLE: "false" }).blobs?.pathStyle).to.equal(false);
  });

  it("refuse a bucket without a key, a key without a bucket, and documents that travel in plain", () => {
    const bucket = { BLOBS_URL: "s3://cabinet", S3_ACCESS_KEY_ID: "engine", S3_SECRET_ACCESS_KEY: "hush-s3" };
    expect(faultsOf({ BLOBS_URL: "s3://cabinet" })).to.deep.equal([
      "S3_ACCESS_KEY_ID: needed with BLOBS_URL",
      "S3_SECRET_ACCESS_KEY: needed with BLOBS_URL",
    ]);
    expect(faultsOf({ S3_REGION: "eu-west-3", S3_SECRET_ACCESS_KEY: "hush-s3" })).to.deep.equal([
      "S3_SECRET_ACCESS_KEY: means nothing without BLOBS_URL",
      "S3_REGION: means nothing without BLOBS_URL",
    ]);
    for (const BLOBS_URL of ["s3://", "s3://A/b", "https://cabinet", "s3://cabinet/../x y", "s3://c@binet"])
      expect(faultsOf({ ...bucket, BLOBS_URL }), BLOBS_URL).to.have.length(1);
    expect(faultsOf({ ...production, ...bucket, S3_ENDPOINT: "http://s3.example" })).to.deep.equal([
      "S3_ENDPOINT: must begin with https:// in production mode, but on this machine",
    ]);
    for (const S3_ENDPOINT of ["http://127.0.0.1:9000", "http://[::1]:9000", "https://s3.example"])
      expect(
        readSettings({ ...production, COLLECTE_DATA: folder.path, ...bucket, S3_ENDPOINT }).blobs,
      ).to.include({
        endpoint: S3_ENDPOINT,
      });
  });
});
