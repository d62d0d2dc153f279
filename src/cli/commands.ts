import type { Command } from "commander";

/** All commands of `collecte`, loaded when they are asked for: most need a part of the engine only, and all of it takes a second to load. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import("./serve.ts")).serveCommand(),
  demo: async () => (await import("./demo/command.ts")).demoCommand(),
  firm: async () => (await import("./firm.ts")).firmCommand(),
  member: async () => (await import("./member.ts")).memberCommand(),
  key: async () => (await import("./key.ts")).keyCommand(),
  authority: async () => (await import("./authority/command.ts")).authorityCommand(),
  certificate: async () => (await import("./certificate.ts")).certificateCommand(),
  record: async () => (await import("./record.ts")).recordCommand(),
  retention: async () => (await import("./retention.ts")).retentionCommand(),
  root: async () => (await import("./root.ts")).rootCommand(),
  seal: async () => (await import("./seal/command.ts")).sealCommand(),
  stuck: async () => (await import("./stuck.ts")).stuckCommand(),
  verify: async () => (await import("./verify.ts")).verifyCommand(),
  "verify-evidence": async () => (await import("./verify-evidence.ts")).verifyEvidenceCommand(),
};
