/** What a URL is, by its first letters; two of them at least: `C:` is a drive. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/**
 * An address as messages may show it, also where it is no valid URL: of one
 * that has a scheme without what stands before its host and from `?` or `#` on.
 */
export function publicAddress(address: string): string {
  if (!SCHEME.test(address)) return address.replace(/[?#].*$/s, "");
  const url = URL.parse(address);
  if (url !== null) return publicUrl(url);
  return address.replace(/[?#].*$/s, "").replace(/^([^:]+:\/*).*@/s, "$1");
}

/** A text with each address in it as {@linkcode publicAddress}. */
export function withPublicAddresses(text: string): string {
  return text.replace(
    /\b[a-z][a-z0-9+.-]+:\/\/[^\s"'<>]+/gi,
    (address) => /[@?#]/.test(address) ? publicAddress(address) : address,
  );
}

/** A URL as messages may show it: without password and query, which can hold secrets. */
export function publicUrl(url: URL): string {
  const shown = new URL(url);
  shown.username =
    shown.password =
    shown.search =
    shown.hash =
      "";
  return shown.href;
}
