/** Hashes files off the thread that answers requests. */

/** The SHA-256 of bytes, which must not change meanwhile. */
export async function sha256(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
