/** Reports the GPU of this machine. */
import { isSoftware, requestAdapter } from "../lib/runtime/gpu_adapter.ts";
import { say } from "./answer.ts";
import type { AdapterAnswer } from "./protocol.ts";

const found = await requestAdapter(true);
if ("why" in found) throw new Error(`${found.why}; ${found.remedy}`);
const { name } = found;
const answer: AdapterAnswer = {
  name,
  software: isSoftware({ description: name }),
};
say(answer);
Deno.exit(0);
