import { createHash, randomBytes } from "node:crypto";
import { newId } from "../actors/runtime/ids.ts";
import type { Changed, Clock, Member, ProvenPerson, SignIn, SignInRefusal } from "../actors/runtime/ports.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import type { Additions, Store } from "../store/store.ts";

/** Long enough for a page to load, too short to be found in a history. */
const codeLifeMs = 60_000;

type Admitted = Changed<Member, SignInRefusal>;

/** Signing in: who a proven person is among the members, and the sessions that follow. */
export function createSignIn(
  store: Pick<Store, "people" | "memberSessions" | "together">,
  clock: Clock,
  reach: Pick<SignIn, "providers" | "returnOrigins">,
): SignIn {
  return {
    ...reach,
    admit: (person, firmId) => store.together((added) => admit(added, clock, person, firmId)),
    async codeFor(memberId, challenge) {
      const code = randomBytes(32).toString("base64url");
      const expiresAt = clock.now() + codeLifeMs;
      await store.together(({ memberSessions }) =>
        memberSessions.addCode({ hash: digestOf(code), memberId, challenge, expiresAt }),
      );
      return code;
    },
    exchange: (code, verifier) =>
      store.together(async ({ people, memberSessions }) => {
        // Whoever guesses at the verifier has spent the code.
        const found = await memberSessions.takeCode(digestOf(code));
        if (!found || found.challenge !== challengeOf(verifier)) return undefined;
        const member = await people.anyMember(found.memberId);
        if (!member || member.leftAt !== undefined) return undefined;
        const token = `cs_${randomBytes(32).toString("base64url")}`;
        const begun = { id: newId("mses", clock.now()), firmId: member.firmId, memberId: member.id };
        return { session: await memberSessions.begin(begun, digestOf(token)), token };
      }),
  };
}

/** As PKCE does with S256 (RFC 7636, 4.2). */
const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");

async function admit(
  { people }: Pick<Additions, "people">,
  clock: Clock,
  person: ProvenPerson,
  asked: string | undefined,
): Promise<Admitted> {
  const isOfFirm = ({ firmId, leftAt }: Member) =>
    leftAt === undefined &&
    (asked === undefined || firmId === asked) &&
    (person.firmId === undefined || firmId === person.firmId);
  const known = (await people.membersBoundTo(person.issuer, person.subject)).filter(isOfFirm);
  if (known.length > 0) return onlyOne(known);
  if (person.email === undefined) return onlyOne([]);
  // Who is bound already is another person at this provider: an address that changed hands opens nothing.
  const invited = (await people.unboundMembers(person.issuer, person.email)).filter(isOfFirm);
  const admitted = onlyOne(invited);
  if (admitted.ok) await people.bind(person.issuer, person.subject, admitted.value.id, clock.now());
  return admitted;
}

function onlyOne([first, ...others]: Member[]): Admitted {
  if (!first) return { ok: false, code: "sign_in_unknown" };
  return others.length > 0 ? { ok: false, code: "sign_in_ambiguous" } : { ok: true, value: first };
}
