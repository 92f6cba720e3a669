/** Pulls the model `big` of the store at ORIGIN into the cache FOLDER, and prints by how many bytes its memory grew. */
import { openStore } from "../lib/models/store.ts";

const [origin, folder] = Deno.args;
using store = await openStore(origin!, { cache: folder! });
const before = memory("VmRSS");
await store.pull("big");
console.log(memory("VmHWM") - before);

function memory(field: string): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return 1024 * Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]);
}
