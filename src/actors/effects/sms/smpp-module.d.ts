/** The part of `smpp` that we use; it comes without types. */
declare module "smpp" {
  import type { EventEmitter } from "node:events";
  import type { Server as NetServer, Socket } from "node:net";

  namespace smpp {
    interface Pdu {
      command: string;
      command_status: number;
      message_id?: string;
      esm_class?: number;
      short_message?: { message?: string | Buffer };
      message_payload?: { message?: string | Buffer };
      receipted_message_id?: string;
      message_state?: number;
      [field: string]: unknown;
      response(fields?: Record<string, unknown>): Pdu;
    }

    type Answered = (pdu: Pdu) => void;
    type Fields = Record<string, unknown>;

    interface Session extends EventEmitter {
      readonly socket: Socket;
      bind_transceiver(fields: Fields, answered: Answered): boolean;
      submit_sm(fields: Fields, answered: Answered): boolean;
      deliver_sm(fields: Fields, answered: Answered): boolean;
      enquire_link(fields: Fields, answered: Answered): boolean;
      unbind(fields: Fields, answered: Answered): boolean;
      send(pdu: Pdu): boolean;
      close(): void;
      destroy(): void;
    }

    interface Server extends NetServer {
      sessions: Session[];
    }
  }

  const smpp: {
    connect(options: smpp.Fields): smpp.Session;
    createServer(options: smpp.Fields, listener: (session: smpp.Session) => void): smpp.Server;
  };
  export = smpp;
}
