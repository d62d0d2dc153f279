import { expect } from "chai";
import { readSettings } from "../../config/settings.ts";
import { faultsOf, production, secret } from "./environments.ts";

describe("the settings of signing in", () => {
  const oidc = {
    OIDC_ISSUER: "https://id.example.com",
    OIDC_CLIENT_ID: "collecte",
    OIDC_CLIENT_SECRET: "hush-oidc",
  };

  it("are none, or whole", () => {
    const none = { COLLECTE_SECRET: secret, COLLECTE_MODE: "test" };
    expect(readSettings(none).signIn).to.deep.equal({ oidc: undefined, cas: undefined, returnOrigins: [] });
    const returns = "https://app.example.com, http://127.0.0.1:3000";
    const whole = {
      ...production,
      ...oidc,
      CAS_URL: "https://cas.example.com/cas",
      SIGN_IN_RETURNS: returns,
    };
    expect(readSettings(whole).signIn).to.deep.equal({
      oidc: {
        issuer: "https://id.example.com",
        clientId: "collecte",
        clientSecret: "hush-oidc",
        scopes: "openid email profile",
        firmClaim: undefined,
      },
      cas: { url: "https://cas.example.com/cas", emailAttribute: "mail", firmAttribute: undefined },
      returnOrigins: ["https://app.example.com", "http://127.0.0.1:3000"],
    });
  });

  it("name what is missing, what is idle, and what is not encrypted in production", () => {
    expect(faultsOf({ ...production, OIDC_ISSUER: oidc.OIDC_ISSUER })).to.deep.equal([
      "OIDC_CLIENT_ID: needed with OIDC_ISSUER",
      "OIDC_CLIENT_SECRET: needed with OIDC_ISSUER",
    ]);
    expect(faultsOf({ ...production, OIDC_CLIENT_ID: "x" })).to.deep.equal([
      "OIDC_CLIENT_ID: means nothing without OIDC_ISSUER",
    ]);
    const plain = { ...oidc, OIDC_ISSUER: "http://id.example.com", CAS_URL: "http://cas.example.com" };
    expect(faultsOf({ ...production, ...plain })).to.deep.equal([
      "OIDC_ISSUER: must begin with https:// in production mode",
      "CAS_URL: must begin with https:// in production mode",
    ]);
    for (const SIGN_IN_RETURNS of ["https://app.example.com/", "app.example.com", "*", "https://a.example,"])
      expect(faultsOf({ ...production, SIGN_IN_RETURNS })).to.have.length(1);
  });
});
