/** Explains why something cannot be read or written. */
import { LimpidError } from "./errors.ts";

/** Reasons by the system's error code. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its symbolic links form a loop",
  ENOTDIR: "a file is in the place of its folder",
  EISDIR: "a folder is in its place",
  EIO: "the disk or its connection failed",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  EFBIG: "the file would be too large",
  EBADF: "it was closed",
  // On Windows a file can be closed to all but the program that has it open;
  // elsewhere nothing takes the place of a file that is mounted, as in a container.
  EBUSY: "another program uses it, or it is mounted",
};

/** The reason for the system's error code, in words; else `otherwise`. */
export function faultReason(error: unknown, otherwise: string): string {
  return REASONS[(error as { code?: string } | null)?.code ?? ""] ?? otherwise;
}

/**
 * The error for something that cannot be written.
 *
 * @param name Its name, safe to print.
 */
export function unwritable(name: string, error: unknown): LimpidError {
  const code = (error as { code?: string } | null)?.code;
  const why = isNoName(error)
    ? "Windows allows no such name"
    : code === "ENOENT"
    ? "the folder does not exist"
    : code === "EEXIST"
    ? "a file is in the place of its folder"
    : error instanceof Deno.errors.NotCapable
    ? "it is not allowed, run Deno with --allow-write"
    : faultReason(error, "check the folder and its permissions");
  return new LimpidError("unwritable", `${name} cannot be written; ${why}.`, {
    cause: error,
  });
}

/** Whether Windows refused a name (ERROR_INVALID_NAME, with the code ENOENT), as one with a `?`. */
function isNoName(error: unknown): boolean {
  return (error as { code?: string } | null)?.code === "ENOENT" &&
    String(error).includes("(os error 123)");
}
