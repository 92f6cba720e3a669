/** Reads credentials, region and endpoint from AWS variables and files. */
import { join } from "node:path";
import {
  type Environment,
  textIfGranted,
  variableIfGranted,
} from "../permissions.ts";

/** A key to sign requests with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** AWS settings; `null` where not set. */
export interface AwsSettings {
  /** `null` for anonymous requests. */
  readonly credentials: Credentials | null;
  readonly region: string | null;
  readonly endpoint: string | null;
}

/**
 * Reads the variables, else the profile that AWS_PROFILE names (else `default`)
 * in the files AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, else
 * `~/.aws/credentials` and `~/.aws/config`. What may not be read counts as not
 * set. Credentials from programs or servers (SSO, roles, instance metadata) are
 * not supported.
 */
export async function awsSettings(
  lookup: Environment = variableIfGranted,
): Promise<AwsSettings> {
  const profile = lookup("AWS_PROFILE") ?? "default";
  const secrets = await section(lookup, "credentials", profile);
  const config = await section(
    lookup,
    "config",
    profile === "default" ? profile : `profile ${profile}`,
  );
  return {
    credentials: fromVariables(lookup) ?? fromProfile(secrets) ??
      fromProfile(config),
    region: lookup("AWS_REGION") ?? lookup("AWS_DEFAULT_REGION") ??
      config.get("region") ?? null,
    endpoint: lookup("AWS_ENDPOINT_URL_S3") ??
      lookup("AWS_ENDPOINT_URL") ?? config.get("endpoint_url") ?? null,
  };
}

function fromVariables(lookup: Environment): Credentials | null {
  return credentials(
    lookup("AWS_ACCESS_KEY_ID"),
    lookup("AWS_SECRET_ACCESS_KEY"),
    lookup("AWS_SESSION_TOKEN"),
  );
}

function fromProfile(
  settings: ReadonlyMap<string, string>,
): Credentials | null {
  return credentials(
    settings.get("aws_access_key_id"),
    settings.get("aws_secret_access_key"),
    settings.get("aws_session_token"),
  );
}

function credentials(
  accessKeyId?: string,
  secretAccessKey?: string,
  sessionToken?: string,
): Credentials | null {
  if (!accessKeyId || !secretAccessKey) return null;
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken ? { sessionToken } : {}),
  };
}

const FILES = {
  credentials: "AWS_SHARED_CREDENTIALS_FILE",
  config: "AWS_CONFIG_FILE",
} as const;

async function section(
  lookup: Environment,
  file: keyof typeof FILES,
  name: string,
): Promise<ReadonlyMap<string, string>> {
  const home = lookup("HOME") ?? lookup("USERPROFILE");
  const path = lookup(FILES[file]) ??
    (home === undefined ? undefined : join(home, ".aws", file));
  const text = path === undefined ? null : await textIfGranted(path);
  return text === null ? new Map() : parseSection(text, name);
}

/** The settings in a section of an AWS file, without nested (indented) ones. */
function parseSection(text: string, name: string): Map<string, string> {
  const settings = new Map<string, string>();
  let inside = false;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[\s*(.*?)\s*\]/.exec(line)?.[1];
    if (header !== undefined) inside = header === name;
    const [, key, value] = /^([^\s#;[=]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (inside && key !== undefined) settings.set(key.toLowerCase(), value!);
  }
  return settings;
}
