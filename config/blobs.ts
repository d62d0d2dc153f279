import type { Variables } from "./schema.ts";

/** `prefix` is empty or ends with a slash. */
export interface BlobsSettings {
  readonly bucket: string;
  readonly prefix: string;
  readonly endpoint?: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly pathStyle: boolean;
  /** Most bytes of copies on the disk of this process. */
  readonly cacheBytes: number;
}

/** The faults of `BLOBS_URL` and of what goes with it. */
export function blobsFaults(values: Variables, mode: "test" | "production"): string[] {
  const faults: string[] = [];
  const keys = ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"] as const;
  if (values.BLOBS_URL === undefined) {
    const idle = [...keys, "S3_ENDPOINT", "S3_REGION", "S3_PATH_STYLE"] as const;
    for (const name of idle)
      if (values[name] !== undefined) faults.push(`${name}: means nothing without BLOBS_URL`);
    return faults;
  }
  for (const name of keys) if (values[name] === undefined) faults.push(`${name}: needed with BLOBS_URL`);
  // Documents would be read by whoever listens on the way.
  const endpoint = values.S3_ENDPOINT === undefined ? undefined : new URL(values.S3_ENDPOINT);
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(endpoint?.hostname ?? "");
  if (mode === "production" && endpoint?.protocol === "http:" && !isHere)
    faults.push("S3_ENDPOINT: must begin with https:// in production mode, but on this machine");
  return faults;
}

/** Where documents are to be, once there is no fault. */
export function blobsOf(values: Variables): BlobsSettings | undefined {
  if (values.BLOBS_URL === undefined) return undefined;
  const [, bucket = "", path = ""] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(values.BLOBS_URL) ?? [];
  const { S3_ENDPOINT: endpoint } = values;
  return {
    bucket,
    prefix: path === "" ? "" : `${path}/`,
    ...(endpoint !== undefined && { endpoint }),
    region: values.S3_REGION ?? "us-east-1",
    accessKeyId: values.S3_ACCESS_KEY_ID ?? "",
    secretAccessKey: values.S3_SECRET_ACCESS_KEY ?? "",
    pathStyle: values.S3_PATH_STYLE ?? endpoint !== undefined,
    cacheBytes: values.COLLECTE_BLOB_CACHE_BYTES,
  };
}
