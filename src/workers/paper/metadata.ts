/** The namespace of the facts that programs read; it need not lead anywhere. */
const factsNamespace = "urn:collecte:paper:1#";

/** An XMP packet (ISO 16684-1) of what the paper is, and of its facts. */
export function xmpPacket(of: {
  title: string;
  language: string;
  at: number;
  facts: Readonly<Record<string, string>>;
}): string {
  const date = new Date(of.at).toISOString();
  const facts = Object.entries(of.facts).map(
    ([name, value]) => `   <c:${name}>${escaped(value)}</c:${name}>`,
  );
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:c="${factsNamespace}">
   <dc:format>application/pdf</dc:format>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">${escaped(of.title)}</rdf:li></rdf:Alt></dc:title>
   <dc:language><rdf:Bag><rdf:li>${escaped(of.language)}</rdf:li></rdf:Bag></dc:language>
   <xmp:CreateDate>${date}</xmp:CreateDate>
   <xmp:ModifyDate>${date}</xmp:ModifyDate>
   <xmp:CreatorTool>Collecte</xmp:CreatorTool>
${facts.join("\n")}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>`;
}

/** The facts of such a packet. */
export function factsIn(packet: string): Record<string, string> {
  const found = packet.matchAll(/<c:([A-Za-z0-9]+)>([^<]*)<\/c:\1>/g);
  return Object.fromEntries([...found].map(([, name = "", value = ""]) => [name, unescaped(value)]));
}

// XML 1.0 knows no control characters, in whatever way they are written.
function escaped(text: string): string {
  return text
    .replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, "\ufffd")
    .replace(/[&<>"]/g, (character) => entities[character] ?? "");
}

function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot);/g, (entity) => characters[entity] ?? "");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const characters: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
};
