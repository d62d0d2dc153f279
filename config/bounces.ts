interface BounceVariables {
  COLLECTE_BOUNCE_DOMAIN?: string | undefined;
  COLLECTE_BOUNCE_PORT?: number | undefined;
}

/** Where mails come back to. Without a port another process listens, or the operator's own server sorts them out. */
export interface BounceSettings {
  readonly domain: string;
  readonly port: number | undefined;
}

export function bounceFaults(values: BounceVariables): string[] {
  const isIdle = values.COLLECTE_BOUNCE_PORT !== undefined && values.COLLECTE_BOUNCE_DOMAIN === undefined;
  return isIdle ? ["COLLECTE_BOUNCE_PORT: means nothing without COLLECTE_BOUNCE_DOMAIN"] : [];
}

export function bouncesOf({
  COLLECTE_BOUNCE_DOMAIN,
  COLLECTE_BOUNCE_PORT,
}: BounceVariables): BounceSettings | undefined {
  if (COLLECTE_BOUNCE_DOMAIN === undefined) return undefined;
  return { domain: COLLECTE_BOUNCE_DOMAIN.toLowerCase(), port: COLLECTE_BOUNCE_PORT };
}
