/** A browser as far as signing in needs one: it follows redirects and carries cookies. */
export interface Browser {
  /** Goes there, and on as it is told, until an address begins with `until`; answers that address unvisited. */
  go(url: string, until: string): Promise<URL>;
  /** One request with its cookies, no redirect followed. */
  visit(url: string): Promise<Response>;
  readonly cookies: Map<string, string>;
}

const mostRedirects = 20;

export function openBrowser(): Browser {
  const cookies = new Map<string, string>();

  async function visit(url: string): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { Cookie: cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  }

  return {
    cookies,
    visit,
    async go(url, until) {
      let at = url;
      for (let hops = 0; hops < mostRedirects; hops++) {
        const response = await visit(at);
        const location = response.headers.get("Location");
        if (!location) throw new Error(`${at} answered ${response.status}: ${await response.text()}`);
        at = new URL(location, at).href;
        if (at.startsWith(until)) return new URL(at);
      }
      throw new Error(`too many redirects, the last to ${at}`);
    },
  };
}
