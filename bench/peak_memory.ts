/** The most memory that this process had. */
import process from "node:process";

/** Most bytes that were resident since the process began, as the system counts them. */
export function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}
