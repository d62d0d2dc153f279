import { BlockList, isIPv4 } from "node:net";

/** What of IPv4 is not the public Internet's, or not one host's (IANA's special-purpose registry, RFC 6890). */
const special: readonly [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

// Only 2000::/3 is given out as public: mapped, NAT64, unique local, link-local and multicast addresses are all outside.
const publicSix = new BlockList();
publicSix.addSubnet("2000::", 3, "ipv6");

const refusedFour = new BlockList();
for (const [network, bits] of special) refusedFour.addSubnet(network, bits, "ipv4");

// Teredo and other protocols', documentation, 6to4: all but the second name an IPv4 address, which may be anybody's.
const refusedSix = new BlockList();
refusedSix.addSubnet("2001::", 23, "ipv6");
refusedSix.addSubnet("2001:db8::", 32, "ipv6");
refusedSix.addSubnet("2002::", 16, "ipv6");
refusedSix.addSubnet("3fff::", 20, "ipv6");

/** Whether an IP address is a host's on the public Internet. */
export function isPublic(address: string): boolean {
  if (isIPv4(address)) return !refusedFour.check(address, "ipv4");
  return publicSix.check(address, "ipv6") && !refusedSix.check(address, "ipv6");
}

/** Whether an IP address is this machine's own, in the usual form. */
export const isLoopback = (address: string): boolean => /^127\.\d+\.\d+\.\d+$|^::1$/.test(address);
