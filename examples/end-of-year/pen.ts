import { PageSizes, type PDFFont, type PDFPage, rgb } from "pdf-lib";

/** Embedded once a document. */
export interface Fonts {
  plain: PDFFont;
  bold: PDFFont;
}

const left = 64;
const right = PageSizes.A4[0] - 64;
const black = rgb(0.1, 0.12, 0.16);
const blue = rgb(0.12, 0.31, 0.56);
const grey = rgb(0.8, 0.83, 0.87);

/** Writes down one A4 page from the top. */
export class Pen {
  private readonly page: PDFPage;
  private readonly fonts: Fonts;
  private y = PageSizes.A4[1] - 72;
  private isFirstRow = true;

  constructor(page: PDFPage, fonts: Fonts) {
    this.page = page;
    this.fonts = fonts;
  }

  gap(points: number): void {
    this.y -= points;
  }

  line(text: string, { x = left, bold = false, size = 10.5, stay = false } = {}): void {
    const font = bold ? this.fonts.bold : this.fonts.plain;
    this.page.drawText(text, { x, y: this.y, size, font, color: black });
    if (!stay) this.y -= size * 1.45;
  }

  heading(text: string): void {
    this.gap(14);
    this.page.drawText(text, { x: left, y: this.y, size: 12, font: this.fonts.bold, color: blue });
    this.y -= 20;
  }

  paragraph(text: string): void {
    for (const line of wrap(text, this.fonts.plain, 10.5, right - left)) this.line(line);
  }

  row(name: string, amount: string): void {
    const bold = this.isFirstRow || name === "Total annuel";
    const font = bold ? this.fonts.bold : this.fonts.plain;
    this.page.drawRectangle({
      x: left,
      y: this.y - 7,
      width: right - left,
      height: 22,
      borderColor: grey,
      borderWidth: 0.7,
    });
    this.line(name, { x: left + 8, bold, stay: true });
    this.line(amount, { x: right - 8 - font.widthOfTextAtSize(amount, 10.5), bold, stay: true });
    this.y -= 22;
    this.isFirstRow = false;
  }

  foot(text: string): void {
    this.page.drawText(text, { x: left, y: 40, size: 9, font: this.fonts.plain, color: black });
  }
}

function wrap(text: string, font: PDFFont, size: number, width: number): string[] {
  const space = font.widthOfTextAtSize(" ", size);
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const word of text.split(" ")) {
    const length = font.widthOfTextAtSize(word, size);
    if (line !== "" && used + space + length > width) {
      lines.push(line);
      line = "";
      used = 0;
    }
    used += line === "" ? length : space + length;
    line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}
