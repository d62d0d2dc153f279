import { expect } from "chai";
import { type Acting, byActor } from "../../../src/actors/effects/by-actor.ts";
import { Retryable, Terminal } from "../../../src/actors/runtime/errors.ts";
import type { AnyEffectInHand } from "../../../src/actors/runtime/ports.ts";
import { thrownBy } from "../../support/thrown.ts";

const acting = (word: string, ...kinds: string[]): Acting => ({
  handlers: Object.fromEntries(kinds.map((kind) => [kind, async () => ({ type: `${word} ${kind}`, at: 1 })])),
  failureCommand: (_effect, code, at) => ({ type: `${word} ${code}`, at }),
});
const effect = (actorKind: string, kind: string) => ({ row: { actorKind, kind } }) as AnyEffectInHand;

describe("effects of several laws", () => {
  const joined = byActor({
    collecte: {
      ...acting("collecte", "sms", "sign"),
      delayCommand: (_effect, _error, at) => ({ type: "late", at }),
    },
    member: acting("member", "sms", "certify"),
  });

  it("are each done as the law of their actor says", async () => {
    expect(Object.keys(joined.handlers)).to.deep.equal(["sms", "sign", "certify"]);
    expect(await joined.handlers["sms"]?.(effect("member", "sms"))).to.include({ type: "member sms" });
    expect(await joined.handlers["sms"]?.(effect("collecte", "sms"))).to.include({ type: "collecte sms" });
    expect(joined.failureCommand(effect("member", "sms"), "x", 1)).to.include({ type: "member x" });
    const away = new Retryable("sms_away");
    expect(joined.delayCommand?.(effect("collecte", "sms"), away, 1)).to.include({ type: "late" });
    expect(joined.delayCommand?.(effect("member", "sms"), away, 1)).to.equal(undefined);
  });

  it("fail for good when that law has none of the kind, or is unknown", async () => {
    for (const [actorKind, code] of [
      ["member", "unknown_effect_kind"],
      ["batch", "unknown_actor_kind"],
    ] as const) {
      const error = await thrownBy(joined.handlers["sign"]?.(effect(actorKind, "sign")) ?? Promise.resolve());
      expect(error).to.be.instanceOf(Terminal);
      expect(error).to.include({ code });
    }
  });
});
