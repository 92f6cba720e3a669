/** Decides which IP addresses are public. */
import { ipaddr } from "../../../deps_http.ts";

/** An address range. */
export type IpRange = ReturnType<typeof ipaddr.parseCIDR>;

/**
 * Addresses of metadata services, which give away credentials; refused even in
 * an allowed network. Azure's 168.63.129.16 looks public.
 */
const METADATA = new Set([
  "169.254.169.254",
  "169.254.170.2",
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
  "fd00:ec2::254",
]);

/** Global unicast addresses of IPv6. */
const GLOBAL_UNICAST = ipaddr.parseCIDR("2000::/3");

/**
 * Whether images may be fetched from an address: it must be public, or in one
 * of the operator's networks. Everything but plain unicast is refused: private,
 * shared (CGNAT), loopback, link-local, multicast, reserved, and the IPv6 forms
 * that contain an IPv4 address (mapped, NAT64, 6to4, Teredo, ISATAP), whatever
 * that address is.
 *
 * @param address An IPv4 or IPv6 address, as DNS returns it.
 */
export function mayFetchFrom(
  address: string,
  networks: readonly IpRange[],
): boolean {
  // IPv4.isValid would accept "127.1" and octal numbers.
  if (
    !ipaddr.IPv4.isValidFourPartDecimal(address) &&
    !ipaddr.IPv6.isValid(address)
  ) return false;
  if (address.includes("%")) return false;
  const parsed = ipaddr.parse(address);
  if (METADATA.has(parsed.toString())) return false;
  if (networks.some((n) => n[0].kind() === parsed.kind() && parsed.match(n))) {
    return true;
  }
  if (parsed.range() !== "unicast") return false;
  if (parsed instanceof ipaddr.IPv4) return true;
  // ISATAP: an IPv4 address behind ...:0:5efe or ...:200:5efe.
  const isatap = parsed.parts[5] === 0x5efe &&
    (parsed.parts[4]! & ~0x200) === 0;
  return !isatap && parsed.match(GLOBAL_UNICAST);
}
