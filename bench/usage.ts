/** Memory and CPU time of this process, as the system counts them. */
import process from "node:process";

/** Most bytes that were resident since the process began. */
export function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** Milliseconds that processors spent on this process, all threads together. */
export function processorTime(): number {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) / 1000;
}
