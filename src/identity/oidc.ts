import * as client from "openid-client";
import { Retryable } from "../actors/runtime/errors.ts";
import type { ProvenPerson, SignInProvider } from "../actors/runtime/ports.ts";

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: string;
  /** Which claim has the id of the firm, if one has. */
  readonly firmClaim?: string | undefined;
}

const timeoutSeconds = 10;

/**
 * Signs people in by OpenID Connect: authorization code with PKCE, state and nonce, the ID token's signature checked.
 * `mayBePlain`: http, for trials on one machine.
 */
export function createOidc(settings: OidcSettings, mayBePlain = false): SignInProvider {
  let found: Promise<client.Configuration> | undefined;

  /** Looked up at the first use, and again after a failure. */
  function configuration(): Promise<client.Configuration> {
    found ??= discover(settings, mayBePlain).catch((cause: unknown) => {
      found = undefined;
      throw new Retryable("provider_unavailable", { cause });
    });
    return found;
  }

  return {
    async begin(callback) {
      const config = await configuration();
      const kept = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: callback,
        response_type: "code",
        scope: settings.scopes,
        state: kept.state,
        nonce: kept.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(kept.verifier),
        code_challenge_method: "S256",
      });
      return { url: url.href, kept };
    },
    async finish(came, { state = "", nonce = "", verifier = "" }) {
      const config = await configuration();
      try {
        const tokens = await client.authorizationCodeGrant(config, came, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (!claims) return undefined;
        // Most providers tell addresses here and not in the ID token (OpenID Connect Core, 5.4).
        const more = config.serverMetadata().userinfo_endpoint
          ? await client.fetchUserInfo(config, tokens.access_token, claims.sub)
          : {};
        return personOf(settings, { ...more, ...claims });
      } catch (error) {
        if (isAway(error)) throw new Retryable("provider_unavailable", { cause: error });
        return undefined;
      }
    },
  };
}

async function discover(settings: OidcSettings, mayBePlain: boolean): Promise<client.Configuration> {
  const { issuer, clientId, clientSecret } = settings;
  const basic = client.ClientSecretBasic(clientSecret);
  const post = client.ClientSecretPost(clientSecret);
  // Basic is what a provider takes that says nothing (OpenID Connect Discovery, 3).
  const authentication: client.ClientAuth = (server, metadata, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    return (methods.includes("client_secret_basic") ? basic : post)(server, metadata, body, headers);
  };
  const execute = [client.enableNonRepudiationChecks];
  if (mayBePlain) execute.push(client.allowInsecureRequests);
  return client.discovery(new URL(issuer), clientId, undefined, authentication, {
    execute,
    timeout: timeoutSeconds,
  });
}

function personOf(
  { firmClaim }: OidcSettings,
  claims: Record<string, unknown> & { sub: string; iss: string },
) {
  const { iss: issuer, sub: subject, email, email_verified: isVerified } = claims;
  const firmId = firmClaim === undefined ? undefined : claims[firmClaim];
  // A provider that is to name the firm, and does not, names none of ours.
  if (firmClaim !== undefined && typeof firmId !== "string") return undefined;
  const person: ProvenPerson = { issuer, subject };
  if (typeof email === "string" && isVerified === true) person.email = email;
  if (typeof firmId === "string") person.firmId = firmId;
  return person;
}

/** Nobody answered, or it is broken: the person may try again, and has proven nothing wrong. */
function isAway(error: unknown): boolean {
  if (error instanceof client.ResponseBodyError) return error.status >= 500;
  if (!(error instanceof Error)) return false;
  const codes = ["OAUTH_TIMEOUT", "OAUTH_ABORT"];
  const isFetch = error instanceof TypeError && error.message === "fetch failed";
  return isFetch || ("code" in error && codes.includes(String(error.code)));
}
