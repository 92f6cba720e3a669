/** A store on a web server. */
import type { ModelLocation } from "./location.ts";
import { publicUrl } from "../public_url.ts";
import type { Ask, RemoteFile, Source } from "./source.ts";

/** Most redirects that are followed. */
const MOST_HOPS = 5;

/** A redirect that is not followed. */
export class BadRedirect extends Error {}

/** The files beside a manifest; its query, such as a token, is always sent. */
export function httpSource({ manifest }: ModelLocation): Source {
  return {
    location: publicUrl(manifest).replace(/\/manifest\.json$/, "/"),
    manifest: httpFile(manifest),
    file(name): RemoteFile {
      const url = new URL(name, manifest);
      url.search = manifest.search;
      return httpFile(url);
    },
  };
}

/** A file at a URL, which may be presigned. */
export function httpFile(url: URL): RemoteFile {
  const presigned = /[?&](x-amz-signature|signature|sig)=/i.test(url.search);
  return {
    shown: publicUrl(url),
    request: (ask) => follow(url, ask),
    advice: (status) =>
      presigned && status === 403
        ? "the presigned URL may have expired; ask for another"
        : status === 401 || status === 403
        ? "the server wants credentials that an https: address cannot give; check the location of the models"
        : "check the location of the models",
  };
}

/** Follows redirects, except from https: to http:. */
async function follow(url: URL, ask: Ask): Promise<Response> {
  for (let hops = 0; hops <= MOST_HOPS; hops++) {
    const response = await fetch(url, { ...ask, redirect: "manual" });
    const target = response.headers.get("location");
    if (![301, 302, 303, 307, 308].includes(response.status) || !target) {
      return response;
    }
    await response.body?.cancel();
    const next = URL.parse(target, url);
    const isSafe = next?.protocol === "https:" ||
      (next?.protocol === "http:" && url.protocol === "http:");
    if (next === null || !isSafe) {
      throw new BadRedirect(
        "the server leads to an address that is not https:",
      );
    }
    url = next;
  }
  throw new BadRedirect(`the server redirects more than ${MOST_HOPS} times`);
}
