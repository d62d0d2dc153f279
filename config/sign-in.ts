import type { Variables } from "./schema.ts";

/** Where members sign in, and the origins of the pages that they come from. */
export interface SignInSettings {
  readonly oidc:
    | {
        readonly issuer: string;
        readonly clientId: string;
        readonly clientSecret: string;
        readonly scopes: string;
        readonly firmClaim: string | undefined;
      }
    | undefined;
  readonly cas:
    | { readonly url: string; readonly emailAttribute: string; readonly firmAttribute: string | undefined }
    | undefined;
  readonly returnOrigins: readonly string[];
}

export function signInFaults(values: Variables, mode: "test" | "production"): string[] {
  const faults: string[] = [];
  const needed = ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"] as const;
  for (const name of needed) {
    if (values.OIDC_ISSUER !== undefined && values[name] === undefined)
      faults.push(`${name}: needed with OIDC_ISSUER`);
    if (values.OIDC_ISSUER === undefined && values[name] !== undefined)
      faults.push(`${name}: means nothing without OIDC_ISSUER`);
  }
  const plain = (["OIDC_ISSUER", "CAS_URL"] as const).filter((name) => values[name]?.startsWith("http:"));
  if (mode === "production")
    for (const name of plain) faults.push(`${name}: must begin with https:// in production mode`);
  return faults;
}

export function signInOf(values: Variables): SignInSettings {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, CAS_URL } = values;
  const hasOidc =
    OIDC_ISSUER !== undefined && OIDC_CLIENT_ID !== undefined && OIDC_CLIENT_SECRET !== undefined;
  return {
    oidc: hasOidc
      ? {
          issuer: OIDC_ISSUER,
          clientId: OIDC_CLIENT_ID,
          clientSecret: OIDC_CLIENT_SECRET,
          scopes: values.OIDC_SCOPES,
          firmClaim: values.OIDC_FIRM_CLAIM,
        }
      : undefined,
    cas:
      CAS_URL === undefined
        ? undefined
        : {
            url: CAS_URL,
            emailAttribute: values.CAS_EMAIL_ATTRIBUTE,
            firmAttribute: values.CAS_FIRM_ATTRIBUTE,
          },
    returnOrigins: values.SIGN_IN_RETURNS,
  };
}
