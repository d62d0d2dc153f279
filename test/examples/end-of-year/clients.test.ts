import { expect } from "chai";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { type Client, generateClients, readClients } from "../../../examples/end-of-year/clients.ts";

const csv = "examples/end-of-year/clients.csv";

describe("the clients of the end-of-year example", () => {
  it("are 25, with French names and whole fees", async () => {
    const clients = await readClients(csv);
    expect(clients).to.have.length(25);
    expect(clients[0]).to.deep.equal({
      firstName: "Éléonore",
      lastName: "Lefèvre",
      email: "eleonore.lefevre@example.com",
      phone: "+33612340001",
      company: "Boulangerie Lefèvre",
      city: "Lille",
      fees: { bookkeeping: 2400, annualAccounts: 1450, payroll: 980, legal: 320 },
    });
    for (const { fees } of clients) expect(Object.values(fees).every(Number.isInteger)).to.equal(true);
  });

  it("have mobiles of twelve other countries", async () => {
    const clients = await readClients(csv);
    sound(clients);
    expect(countries(clients)).to.have.members("FR BE LU CH DE ES PT IT GB CA US SN MA".split(" "));
  });

  it("are as varied when they are generated, and no two alike, up to 10,000", () => {
    const clients = generateClients(10_000);
    sound(clients);
    expect(countries(clients.slice(0, 25))).to.have.length(13);
  }).timeout(20_000);

  it("are the same each time they are generated", () => {
    expect(generateClients(30)).to.deep.equal(generateClients(40).slice(0, 30));
  });

  it("are no more than the numbers last for", () => {
    expect(() => generateClients(10_001)).to.throw(RangeError);
    expect(() => generateClients(0)).to.throw(RangeError);
  });
});

function sound(clients: Client[]): void {
  for (const { phone, email } of clients) {
    expect(parsePhoneNumberFromString(phone)?.getType(), phone).to.match(/^(MOBILE|FIXED_LINE_OR_MOBILE)$/);
    // RFC 2606 and RFC 6761: nobody has these addresses.
    expect(email).to.match(/^[a-z.\d]+@(example\.(com|org|net)|[a-z-]+\.example)$/);
  }
  expect(new Set(clients.map(({ phone }) => phone)).size).to.equal(clients.length);
  expect(new Set(clients.map(({ email }) => email)).size).to.equal(clients.length);
}

function countries(clients: Client[]): (string | undefined)[] {
  return [...new Set(clients.map(({ phone }) => parsePhoneNumberFromString(phone)?.country))];
}
