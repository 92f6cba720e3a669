/** Parses and compares the secrets of callers. */
import type { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { LimpidError } from "../../errors.ts";

/** A key that URLs are signed with. */
export interface Key {
  /** Named in the URL, so that keys can be replaced one at a time. */
  readonly id: string;
  readonly secret: string;
}

/** Least characters of a secret. */
const SHORTEST = 16;

/** Parses tokens, separated by commas. */
export function parseTokens(value: string, label: string): string[] {
  return value.split(",").map((part) => longEnough(part.trim(), label));
}

/** Parses keys as `ID:SECRET`, separated by commas. */
export function parseKeys(value: string, label: string): Key[] {
  return value.split(",").map((part) => {
    const [, id, secret] = /^\s*([\w-]{1,32}):(.*?)\s*$/.exec(part) ?? [];
    if (id === undefined || secret === undefined) {
      throw new LimpidError(
        "invalid-option",
        `${label} must be keys as ID:SECRET, separated by commas; an ID has letters, digits, _ and -.`,
      );
    }
    return { id, secret: longEnough(secret, label) };
  });
}

function longEnough(secret: string, label: string): string {
  if (secret.length >= SHORTEST) return secret;
  throw new LimpidError(
    "invalid-option",
    `${label} has a secret of fewer than ${SHORTEST} characters; take a longer one.`,
  );
}

/** Compares two texts in a time that does not tell where they differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
