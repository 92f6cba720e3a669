/** Files that a server has. */

/** A request's method, further headers and body. */
export interface Ask {
  /** Default GET. */
  readonly method?: "GET" | "HEAD" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
}

/** One file on a server. */
export interface RemoteFile {
  /** Its address without secrets, for people. */
  readonly shown: string;
  /** Asks for it, once; resolves whatever the status. */
  request(ask: Ask): Promise<Response>;
  /** What to do about a status that is none of success. */
  advice(status: number): string;
}

/** A store on a server. */
export interface Source {
  /** Its address without secrets, as `--models` takes it. */
  readonly location: string;
  readonly manifest: RemoteFile;
  /** A file beside the manifest. */
  file(name: string): RemoteFile;
}
