/** Which addresses of the network are public. */
import { ipaddr } from "../../../deps_http.ts";

/** An address range. */
export type IpRange = ReturnType<typeof ipaddr.parseCIDR>;

/**
 * Addresses that look public and are not: Azure's platform address, reachable
 * from its virtual machines only.
 */
const PLATFORM = new Set(["168.63.129.16"]);
/** Addresses that give a machine's credentials away; refused even in an allowed network. */
const METADATA = new Set([
  "169.254.169.254",
  "169.254.170.2",
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
  "fd00:ec2::254",
]);

/** Addresses that the Internet routes to one place outside: 2000::/3. */
const GLOBAL_UNICAST = ipaddr.parseCIDR("2000::/3");

/**
 * Whether images may be fetched from an address: it is public, or in one of
 * the networks that the operator named. Everything that is not plain unicast
 * is refused: private, shared (CGNAT), loopback, link-local, multicast,
 * reserved, and the IPv6 forms that hold an IPv4 address (mapped, NAT64, 6to4,
 * Teredo, ISATAP), whatever that address is.
 *
 * @param address IPv4 or IPv6, as DNS gives it.
 */
export function mayFetchFrom(
  address: string,
  networks: readonly IpRange[],
): boolean {
  // Not isValid alone: it takes "127.1" and octal numbers for addresses.
  if (
    !ipaddr.IPv4.isValidFourPartDecimal(address) &&
    !ipaddr.IPv6.isValid(address)
  ) return false;
  if (address.includes("%")) return false;
  const parsed = ipaddr.parse(address);
  const plain = parsed.toString();
  if (METADATA.has(plain)) return false;
  if (networks.some((n) => n[0].kind() === parsed.kind() && parsed.match(n))) {
    return true;
  }
  if (PLATFORM.has(plain) || parsed.range() !== "unicast") return false;
  if (parsed instanceof ipaddr.IPv4) return true;
  // ISATAP: an IPv4 address behind ...:0:5efe or ...:200:5efe.
  const isatap = parsed.parts[5] === 0x5efe &&
    (parsed.parts[4]! & ~0x200) === 0;
  return !isatap && parsed.match(GLOBAL_UNICAST);
}
