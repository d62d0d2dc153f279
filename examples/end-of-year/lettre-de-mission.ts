import { PageSizes, PDFDocument, type PDFPage, StandardFonts } from "pdf-lib";
import type { Client } from "./clients.ts";
import { type Fonts, Pen } from "./pen.ts";

/** The firm that writes the letter. */
export interface LetterFirm {
  name: string;
  city: string;
  expert: string;
}

/**
 * A client's *lettre de mission* for the coming year: two A4 pages with headings, a table of missions and fees, and
 * the conditions. The same client and firm always give the same bytes. A standard font in WinAnsi needs no font file.
 */
export async function lettreDeMission(client: Client, firm: LetterFirm, year = 2027): Promise<Uint8Array> {
  const pdf = await PDFDocument.create({ updateMetadata: false });
  const fonts = {
    plain: await pdf.embedFont(StandardFonts.Helvetica),
    bold: await pdf.embedFont(StandardFonts.HelveticaBold),
  };
  const title = `Lettre de mission ${year} - ${client.company}`;
  pdf.setTitle(title);
  pdf.setAuthor(firm.name);
  pdf.setLanguage("fr-FR");
  const written = new Date(Date.UTC(year - 1, 11, 1));
  pdf.setCreationDate(written);
  pdf.setModificationDate(written);
  drawMission(pdf.addPage(PageSizes.A4), fonts, client, firm, year);
  drawConditions(pdf.addPage(PageSizes.A4), fonts, client, firm);
  return pdf.save({ addDefaultPage: false });
}

function drawMission(page: PDFPage, fonts: Fonts, client: Client, firm: LetterFirm, year: number): void {
  const pen = new Pen(page, fonts);
  pen.line(firm.name, { bold: true, size: 14 });
  pen.line(`Société d'expertise comptable inscrite au tableau de l'Ordre, ${firm.city}`);
  pen.gap(24);
  pen.line(`${client.firstName} ${client.lastName}`, { x: 330, bold: true });
  pen.line(client.company, { x: 330 });
  pen.line(client.city, { x: 330 });
  pen.gap(24);
  pen.line(`Lettre de mission : exercice ${year}`, { bold: true, size: 18 });
  pen.gap(8);
  pen.paragraph(
    `Madame, Monsieur, vous avez bien voulu nous confier une mission d'expertise comptable pour ${client.company}. ` +
      "La présente lettre, établie conformément à l'article 151 du décret du 30 mars 2012, précise la nature et l'étendue de nos travaux, vos obligations et les nôtres, ainsi que nos honoraires.",
  );
  pen.heading("1. Nos missions et nos honoraires");
  for (const row of feeRows(client)) pen.row(...row);
  pen.gap(12);
  pen.paragraph(
    "Les honoraires s'entendent hors taxes, par an, et sont facturés en douze échéances égales. Ils évoluent au 1er janvier selon l'indice Syntec, sans pouvoir dépasser 3 % par an.",
  );
  pen.heading("2. Vos obligations");
  pen.paragraph(
    "Vous nous remettez chaque mois, au plus tard le 10, les pièces nécessaires à la tenue de vos comptes : factures d'achat et de vente, relevés bancaires, journaux de caisse. Vous restez responsable de l'exactitude et de l'exhaustivité des informations qui nous sont communiquées.",
  );
  pen.foot("1 / 2");
}

function drawConditions(page: PDFPage, fonts: Fonts, client: Client, firm: LetterFirm): void {
  const pen = new Pen(page, fonts);
  const conditions: [string, string][] = [
    [
      "3. Durée",
      "La mission est conclue pour un an, et se renouvelle par tacite reconduction, sauf dénonciation par lettre recommandée trois mois avant la clôture de l'exercice.",
    ],
    [
      "4. Nos diligences",
      "Nos travaux sont conduits selon la norme professionnelle de la mission de présentation. Ils n'ont pas pour objet la recherche systématique de fraudes ou de détournements.",
    ],
    [
      "5. Responsabilité",
      "Notre responsabilité civile professionnelle est couverte par un contrat d'assurance. Elle ne peut être engagée au-delà de cinq fois le montant annuel des honoraires.",
    ],
    [
      "6. Lutte contre le blanchiment",
      "Nous sommes tenus aux obligations de vigilance des articles L. 561-1 et suivants du Code monétaire et financier, et à la vérification de l'identité du bénéficiaire effectif.",
    ],
    [
      "7. Données personnelles",
      "Les données sont traitées pour l'exécution de la mission, conservées dix ans, et jamais cédées. Vous disposez d'un droit d'accès, de rectification et d'effacement.",
    ],
    [
      "8. Signature électronique",
      "Les parties conviennent de signer la présente lettre sous forme électronique. La signature du client est suivie de celle de l'expert-comptable, puis du cachet du cabinet.",
    ],
  ];
  for (const [title, text] of conditions) {
    pen.heading(title);
    pen.paragraph(text);
  }
  pen.gap(24);
  pen.line("Pour le client", { bold: true, stay: true });
  pen.line("Pour le cabinet", { x: 330, bold: true });
  pen.line(`${client.firstName} ${client.lastName}`, { stay: true });
  pen.line(firm.expert, { x: 330 });
  pen.foot("2 / 2");
}

function feeRows({ fees }: Client): [string, string][] {
  const missions: [string, number][] = [
    ["Tenue et révision de la comptabilité", fees.bookkeeping],
    ["Présentation des comptes annuels", fees.annualAccounts],
    ["Établissement des bulletins de paie", fees.payroll],
    ["Secrétariat juridique de l'assemblée", fees.legal],
  ];
  const given = missions.filter(([, fee]) => fee > 0);
  const total = given.reduce((sum, [, fee]) => sum + fee, 0);
  return [
    ["Mission", "Honoraires HT"],
    ...given.map(([name, fee]): [string, string] => [name, euros(fee)]),
    ["Total annuel", euros(total)],
  ];
}

/** "2 400 €", with a no-break space that WinAnsi has. */
function euros(amount: number): string {
  return `${String(amount).replace(/\B(?=(\d{3})+$)/g, "\u00a0")}\u00a0€`;
}
