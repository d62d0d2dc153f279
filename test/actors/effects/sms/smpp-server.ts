import { once } from "node:events";
import type { AddressInfo } from "node:net";
import smpp from "smpp";

/** A real SMPP server on the loopback. */
export interface TestSmsc {
  port: number;
  /** What was submitted, in its order. */
  submitted: smpp.Pdu[];
  binds: smpp.Pdu[];
  sessions: smpp.Session[];
  /** How it answers a submission: a status, an id, or undefined for silence. */
  answer: (
    pdu: smpp.Pdu,
    session: smpp.Session,
  ) => { command_status?: number; message_id?: string } | undefined;
  bindStatus: number;
  answersEnquiries: boolean;
  /** Sends a deliver_sm; resolves with the status of its answer. */
  deliver(fields: Record<string, unknown>): Promise<number>;
  close(): Promise<void>;
}

export async function startSmsc(tls: Record<string, unknown> = {}): Promise<TestSmsc> {
  let count = 0;
  const smsc: TestSmsc = {
    port: 0,
    submitted: [],
    binds: [],
    sessions: [],
    answer: () => ({ message_id: `m${++count}` }),
    bindStatus: 0,
    answersEnquiries: true,
    deliver(fields) {
      const session = smsc.sessions.at(-1);
      if (!session) throw new Error("nobody is bound");
      return new Promise((resolve) => {
        session.deliver_sm({ esm_class: 4, ...fields }, ({ command_status }) => resolve(command_status));
      });
    },
    async close() {
      for (const session of smsc.sessions) session.destroy();
      server.close();
      await once(server, "close");
    },
  };
  const server = smpp.createServer(tls, (session) => {
    session.on("error", () => undefined);
    session.on("bind_transceiver", (pdu: smpp.Pdu) => {
      smsc.binds.push(pdu);
      session.send(pdu.response({ command_status: smsc.bindStatus }));
      if (smsc.bindStatus === 0) smsc.sessions.push(session);
    });
    session.on("submit_sm", (pdu: smpp.Pdu) => {
      smsc.submitted.push(pdu);
      const answer = smsc.answer(pdu, session);
      if (answer) session.send(pdu.response(answer));
    });
    session.on("enquire_link", (pdu: smpp.Pdu) => {
      if (smsc.answersEnquiries) session.send(pdu.response());
    });
    session.on("unbind", (pdu: smpp.Pdu) => session.send(pdu.response()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  smsc.port = (server.address() as AddressInfo).port;
  return smsc;
}
