/** A URL's scheme, of two letters or more: `C:` is a drive. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

/**
 * An address as messages may show it, without user, password, query and
 * fragment. It need not be a valid URL.
 */
export function publicAddress(address: string): string {
  if (!SCHEME.test(address)) return address.replace(/[?#].*$/s, "");
  const url = URL.parse(address);
  if (url !== null) return publicUrl(url);
  return address.replace(/[?#].*$/s, "").replace(/^([^:]+:\/*).*@/s, "$1");
}

/** Replaces each address in a text by its {@linkcode publicAddress}. */
export function withPublicAddresses(text: string): string {
  return text.replace(
    /\b[a-z][a-z0-9+.-]+:\/\/[^\s"'<>]+/gi,
    (address) => /[@?#]/.test(address) ? publicAddress(address) : address,
  );
}

/** A URL for messages: without user, password, query and fragment. */
export function publicUrl(url: URL): string {
  const shown = new URL(url);
  shown.username =
    shown.password =
    shown.search =
    shown.hash =
      "";
  return shown.href;
}
