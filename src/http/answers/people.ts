import { z } from "zod";
import { scopeNames } from "../../actors/runtime/scopes.ts";
import { by, count, digest, items, language, page, text, time } from "./words.ts";

const member = {
  id: text,
  role: z.enum(["expert", "collaborator"]),
  rollNumber: text.optional(),
  firstName: text,
  lastName: text,
  email: text,
  phone: text,
  version: count,
  leftAt: time.optional(),
};

export const memberAnswer = z.object(member).meta({ id: "Member" });
export const memberList = items(memberAnswer);

export const delegationAnswer = z
  .object({
    id: text,
    expertId: text,
    memberId: text,
    rights: z.array(z.enum(["prepare", "launch", "sign", "seal"])),
    documentTypes: z.array(text).optional(),
    from: time.optional(),
    until: time.optional(),
    givenBy: by,
    givenAt: time,
    revokedBy: by.optional(),
    revokedAt: time.optional(),
  })
  .meta({ id: "Delegation" });
export const delegationList = items(delegationAnswer);

/** `failure`: why an order came to no certificate. */
const certificate = z
  .object({
    status: z.enum(["none", "ordered", "live", "expired", "revoked"]),
    serial: text.optional(),
    sha256: digest.optional(),
    notBefore: time.optional(),
    notAfter: time.optional(),
    revokedAt: time.optional(),
    failure: text.optional(),
  })
  .meta({ id: "MemberCertificate" });

export const meAnswer = z
  .object({
    member: memberAnswer,
    firm: z.object({ id: text, name: text }),
    delegations: z.array(delegationAnswer),
    isLocked: z.boolean(),
    certificate,
  })
  .meta({ id: "Me" });

/** A member as those see them who may have to unlock them. */
export const memberWithStanding = z
  .object({ ...member, isLocked: z.boolean(), certificate })
  .meta({ id: "MemberWithStanding" });

export const certificateAnswer = z.object({ certificate });

export const contactAnswer = z
  .object({
    id: text,
    firstName: text,
    lastName: text,
    email: text,
    phone: text.optional(),
    company: text.optional(),
    externalId: text.optional(),
    language,
    notes: text.optional(),
    version: count,
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "Contact" });
export const contactPage = page(contactAnswer);

const key = {
  id: text,
  name: text,
  scopes: z.array(z.enum(scopeNames)),
  createdAt: time,
  usedAt: time.optional(),
  revokedAt: time.optional(),
};

export const keyAnswer = z.object(key).meta({ id: "ApiKey" });
export const keyList = items(keyAnswer);
export const newKeyAnswer = z.object({
  ...key,
  apiKey: text.optional().meta({ description: "This once: absent when the request is repeated" }),
});
