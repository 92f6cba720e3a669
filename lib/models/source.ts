/** Files on a server. */

/** A request's method, further headers and body. */
export interface Ask {
  /** Default: GET. */
  readonly method?: "GET" | "HEAD" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
}

/** One file on a server. */
export interface RemoteFile {
  /** The file's address without secrets, for messages. */
  readonly shown: string;
  /** Sends one request; resolves whatever the status. */
  request(ask: Ask): Promise<Response>;
  /** What to do about an error status, for messages. */
  advice(status: number): string;
}

/** A store on a server. */
export interface Source {
  /** The store's address without secrets, as `--models` takes it. */
  readonly location: string;
  readonly manifest: RemoteFile;
  /** A file beside the manifest. */
  file(name: string): RemoteFile;
}
