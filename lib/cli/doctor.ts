/** `doctor` */
import { dirname } from "node:path";
import { cacheFolder } from "../models/cache_folder.ts";
import { openStore } from "../models/store.ts";
import { RUNTIME_FLAGS } from "../flags/runtime_flags.ts";
import { openBackend } from "../runtime/open_backend.ts";
import { LimpidError } from "../errors.ts";
import { isGranted } from "../permissions.ts";
import { DEVICES } from "../types.ts";
import { VERSION } from "../version.ts";
import { type Command, command } from "../flags/command.ts";
import { jsonLine, print, printable } from "../flags/terminal.ts";
import { isFolder } from "./inputs.ts";
import { REPORT } from "./shared_flags.ts";
import { checkWritable } from "./write_file.ts";

/** The state of one thing. */
interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly says: string;
}

/** Says what Limpid finds on this computer, and what would be faster. */
export const doctor: Command = command({
  name: "doctor",
  summary:
    "Reports which devices, drivers, models, cache and permissions Limpid finds, and what would be faster.",
  usage: "[flags]",
  notes: ["Exit codes: 0 an image can be restored, 1 it cannot."],
  flags: { models: RUNTIME_FLAGS.models, json: REPORT.json },
  async action({ values: { models, json = false }, positionals }): Promise<
    number
  > {
    if (positionals.length > 0) {
      throw new LimpidError("invalid-option", "doctor takes flags only.");
    }
    const findings: Finding[] = [{
      name: "limpid",
      ok: true,
      says:
        `${VERSION}, Deno ${Deno.version.deno}, ${Deno.build.os} ${Deno.build.arch}`,
    }];
    for (const device of DEVICES) findings.push(await lookAtDevice(device));
    findings.push(await lookAtModels(models), await lookAtCache());
    findings.push(...await lookAtPermissions());
    const isOk = (name: string): boolean =>
      findings.some((finding) => finding.name === name && finding.ok);
    const advice = isOk("webgpu")
      ? null
      : "A hardware GPU with its driver would be fastest.";
    const works = DEVICES.some(isOk) && isOk("models");
    if (json) {
      print(jsonLine({ works, findings, advice }));
    } else {
      for (const { name, ok, says } of findings) {
        print(`${ok ? "ok" : "--"}  ${name.padEnd(11)} ${printable(says)}`);
      }
      if (advice !== null) print(advice);
      if (!works) print("Images cannot be restored: see the lines above.");
    }
    return works ? 0 : 1;
  },
});

/** Opens a device. A software renderer is not ok: it is slower than the CPU. */
async function lookAtDevice(name: typeof DEVICES[number]): Promise<Finding> {
  try {
    await using backend = await openBackend({ device: name });
    return {
      name,
      ok: !backend.software,
      says: backend.software
        ? `${backend.reason} It is a software renderer, slower than cpu.`
        : backend.reason,
    };
  } catch (error) {
    return { name, ok: false, says: sentence(error) };
  }
}

async function lookAtModels(location: string | undefined): Promise<Finding> {
  const name = "models";
  try {
    using store = await openStore(location, {});
    const { models } = store;
    for (const { id, url } of models) {
      // What is in the cache is fetched again where it is damaged.
      const isBeside = store.location.startsWith("file:") && url === undefined;
      if (isBeside) await store.verify(id);
    }
    const files = new Map(models.map(({ sha256, bytes }) => [sha256, bytes]));
    const bytes = files.values().reduce((sum, length) => sum + length, 0);
    const here = await Promise.all(models.map(({ id }) => store.isHere(id)));
    const absent = here.filter((isHere) => !isHere).length;
    return {
      name,
      ok: true,
      says: `${models.length} in ${location ?? "this module"}, ${
        (bytes / 2 ** 20).toFixed(0)
      } MiB${absent > 0 ? `; ${absent} of them are to be fetched` : ""}`,
    };
  } catch (error) {
    return { name, ok: false, says: sentence(error) };
  }
}

async function lookAtCache(): Promise<Finding> {
  const folder = cacheFolder();
  const writable = folder !== null &&
    await isGranted("write", folder) &&
    await checkWritable(await existing(folder))
      .then(() => true, () => false);
  return {
    name: "cache",
    ok: writable,
    says: folder === null
      ? "none: no environment variable for its folder is set and readable; downloaded models stay in memory"
      : writable
      ? folder
      : `${folder}, which is not writable; downloaded models stay in memory`,
  };
}

/** The folder, or else the nearest one that there is around it. */
async function existing(folder: string): Promise<string> {
  const above = dirname(folder);
  return above === folder || await isFolder(folder)
    ? folder
    : await existing(above);
}

async function lookAtPermissions(): Promise<Finding[]> {
  const states = await Promise.all(
    (["read", "write", "ffi", "net", "env"] as const).map(async (name) => ({
      name,
      granted: (await Deno.permissions.query({ name })).state === "granted",
    })),
  );
  const named = (granted: boolean): string =>
    states.filter((state) => state.granted === granted)
      .map(({ name }) => name).join(", ") || "none";
  return [{
    name: "permissions",
    ok: true,
    says: `granted: ${named(true)}; not granted as a whole: ${named(false)}`,
  }];
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
