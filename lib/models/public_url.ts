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
