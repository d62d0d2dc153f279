import { once } from "node:events";
import { createServer } from "node:http";
import Provider, { type KoaContextWithOIDC } from "oidc-provider";
import { freePort } from "./ports.ts";

/** A real OpenID provider on the loopback, where everybody is who the test says that they are. */
export interface OidcServer {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** What it says of whom, by subject. */
  accounts: Map<string, Record<string, unknown>>;
  /** Who sits before the browser. */
  who: string;
  close(): Promise<void>;
}

export async function startOidcServer(redirectUri: string): Promise<OidcServer> {
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const client = { clientId: "collecte", clientSecret: "a secret of the provider and the engine" };
  const accounts: OidcServer["accounts"] = new Map();
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [redirectUri],
      },
    ],
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["given_name", "family_name", "cabinet"],
    },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: async () => ({ sub: accountId, ...accounts.get(accountId) }),
    }),
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    cookies: { keys: ["of tests"] },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    // Nobody is asked twice.
    async loadExistingGrant({ oidc }: KoaContextWithOIDC) {
      const grant = new oidc.provider.Grant({
        clientId: client.clientId,
        accountId: oidc.session?.accountId ?? "",
      });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
    ttl: { Session: 1 },
  });
  const handle = provider.callback();
  const server = createServer((request, response) => {
    const login = { accountId: running.who };
    const answer = request.url?.startsWith("/interaction/")
      ? provider.interactionFinished(request, response, { login })
      : handle(request, response);
    answer.catch(() => response.destroy());
  });
  server.listen(Number(new URL(issuer).port), "127.0.0.1");
  await once(server, "listening");
  const running: OidcServer = {
    issuer,
    ...client,
    accounts,
    who: "nobody",
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return running;
}
