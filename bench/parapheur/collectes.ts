import type { Stage } from "../../src/cli/demo/stage.ts";
import { drive, prepare } from "../runtime/http-load.ts";
import { documentKinds, makeDocument } from "../signing/documents.ts";

const perRequest = 100;
const connections = 8;

/** So many launched collectes of one document each, none with the bytes of another, that wait for the expert. */
export async function prepareCollectes(
  { engine: { url }, firm, expert }: Stage,
  count: number,
): Promise<void> {
  const authorization = `Bearer ${firm.apiKey}`;
  const [kind] = documentKinds;
  if (!kind) throw new Error("there is no kind of document");
  const { pdf } = makeDocument(kind);
  const uploads = Array.from({ length: count }, (_, number) =>
    prepare(
      url,
      "POST",
      "/v1/documents",
      { authorization, "content-type": "application/pdf" },
      distinct(pdf, number),
    ),
  );
  const { bodies } = await drive(url, uploads, connections, [201]);
  const documents = bodies.map((body) => (JSON.parse(body) as { id: string }).id);
  const headers = { authorization, "content-type": "application/json" };
  const creates = documents.map((id, number) => ({
    type: "create",
    collecte: { title: `Lettre ${number}`, documents: [id], steps: [{ member: expert.id }] },
  }));
  const lists = chunks(creates).map((commands) =>
    prepare(url, "POST", "/v1/commands", headers, JSON.stringify({ commands })),
  );
  const made = await drive(url, lists, 1, [200, 201]);
  const launches = made.bodies.map((body) => {
    const { results } = JSON.parse(body) as { results: { collecteId: string }[] };
    const commands = results.map(({ collecteId }) => ({ type: "launch", collecteId }));
    return prepare(url, "POST", "/v1/commands", headers, JSON.stringify({ commands }));
  });
  await drive(url, launches, 1, [200, 201]);
}

/** The same document with another first line of its header's comment: as many bytes, none the same file. */
function distinct(pdf: Buffer, number: number): Buffer {
  const copy = Buffer.from(pdf);
  const mark = copy.indexOf("%", 8, "latin1");
  copy.write(String(number).padStart(4, "0"), mark + 1, "latin1");
  return copy;
}

function chunks<T>(list: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / perRequest) }, (_, i) =>
    list.slice(i * perRequest, (i + 1) * perRequest),
  );
}
