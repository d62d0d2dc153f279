import smpp from "smpp";

export interface SmppPlace {
  host: string;
  port: number;
  /** `ssmpp://`: TLS, and the server's certificate is checked. */
  isSecure: boolean;
  systemId: string;
  password: string;
  systemType: string;
  /** PEM certificates that the server's may lead to, in place of the usual ones. */
  trust?: string;
}

export interface SmppTimes {
  /** How long a server may take to answer anything. */
  answerMs: number;
  enquireMs: number;
  /** Between two tries to connect: twice as long after each, up to the second. */
  pausesMs: readonly [number, number];
}

export const usualTimes: SmppTimes = { answerMs: 10_000, enquireMs: 30_000, pausesMs: [1_000, 60_000] };

/** How long a server may take to say goodbye. */
const partingMs = 1_000;

export interface SmppLink {
  /** The bound session, waited for up to `answerMs`; undefined when there is none. */
  session(): Promise<smpp.Session | undefined>;
  /** Unbinds and connects no more; twice is fine. */
  close(): void;
}

/**
 * One bound connection (SMPP 3.4, a transceiver), at once and until it is closed: asked every so often whether it lives,
 * and made anew when it is lost, since receipts come in also while nothing is sent.
 */
export function createSmppLink(
  place: SmppPlace,
  times: SmppTimes,
  onReceived: (session: smpp.Session, pdu: smpp.Pdu) => void,
): SmppLink {
  let bound: Promise<smpp.Session | undefined> | undefined;
  let latest: smpp.Session | undefined;
  let isBound = false;
  let failures = 0;
  let isClosed = false;
  let reconnecting: NodeJS.Timeout | undefined;

  function connect(): Promise<smpp.Session | undefined> {
    const { host, port, isSecure, trust } = place;
    const session = smpp.connect({
      host,
      port,
      tls: isSecure,
      ...(isSecure && { servername: host, ...(trust !== undefined && { ca: trust }) }),
    });
    latest = session;
    return new Promise((resolve) => {
      let beat: NodeJS.Timeout | undefined;
      const late = setTimeout(() => session.destroy(), times.answerMs);
      const lost = () => {
        clearTimeout(late);
        clearInterval(beat);
        isBound = false;
        rest();
        resolve(undefined);
      };
      // A PDU that can't be read leaves the stream nowhere: what follows can't be read either.
      session.on("error", () => session.destroy());
      session.once("close", lost);
      session.once(isSecure ? "secureConnect" : "connect", () => {
        const { systemId: system_id, password, systemType: system_type } = place;
        session.bind_transceiver({ system_id, password, system_type, interface_version: 0x34 }, (answer) => {
          if (answer.command_status !== 0) return session.destroy();
          clearTimeout(late);
          failures = 0;
          isBound = true;
          beat = setInterval(() => enquire(session), times.enquireMs);
          beat.unref();
          resolve(session);
        });
      });
      session.on("enquire_link", (pdu: smpp.Pdu) => session.send(pdu.response()));
      session.on("unbind", (pdu: smpp.Pdu) => {
        session.send(pdu.response());
        session.close();
      });
      session.on("deliver_sm", (pdu: smpp.Pdu) => onReceived(session, pdu));
    });
  }

  function enquire(session: smpp.Session): void {
    const dead = setTimeout(() => session.destroy(), times.answerMs);
    dead.unref();
    session.enquire_link({}, () => clearTimeout(dead));
  }

  function rest(): void {
    bound = undefined;
    if (isClosed) return;
    const [shortest, longest] = times.pausesMs;
    const pauseMs = Math.min(longest, shortest * 2 ** failures);
    failures += 1;
    reconnecting = setTimeout(() => {
      bound = connect();
    }, pauseMs);
    reconnecting.unref();
  }

  bound = connect();
  return {
    async session() {
      if (isClosed) return undefined;
      return bound;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(reconnecting);
      const session = latest;
      if (!isBound) session?.destroy();
      if (!isBound || !session) return;
      const late = setTimeout(() => session.destroy(), partingMs);
      late.unref();
      session.unbind({}, () => session.destroy());
      session.once("close", () => clearTimeout(late));
    },
  };
}
