/**
 * A real S3 server for the tests: Ceph's radosgw on one monitor and one store,
 * all on loopback and in a folder of their own.
 */
import { join } from "node:path";

/** A running server, and a key to it. */
export interface S3Server extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const PROGRAMS = ["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph"];

/** Whether its programs are installed. */
export async function hasRadosgw(): Promise<boolean> {
  return (await Promise.all(PROGRAMS.map(isInstalled))).every(Boolean);
}

/** Whether PATH has a program. */
export async function isInstalled(program: string): Promise<boolean> {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const found = await Promise.all(
    [...folders, "/usr/sbin"].map((folder) =>
      Deno.stat(join(folder, program)).then(() => true, () => false)
    ),
  );
  return found.includes(true);
}

/** Starts it; that takes half a minute. */
export async function startRadosgw(): Promise<S3Server> {
  const folder = await Deno.makeTempDir({ prefix: "radosgw" });
  const [mon, rgw] = [freePort(), freePort()];
  const id = crypto.randomUUID();
  const conf = join(folder, "ceph.conf");
  await Promise.all(
    ["mon", "osd"].map((name) => Deno.mkdir(join(folder, name))),
  );
  await Deno.writeTextFile(conf, settings(folder, id, mon, rgw));
  const daemons: Daemon[] = [];
  const started = (program: string, ...args: string[]): Daemon => {
    const daemon = new Daemon(folder, program, [...args, "-c", conf]);
    daemons.push(daemon);
    return daemon;
  };
  const server = {
    endpoint: `http://127.0.0.1:${rgw}`,
    accessKeyId: "limpidtests",
    secretAccessKey: crypto.randomUUID(),
    async [Symbol.asyncDispose](): Promise<void> {
      for (const daemon of daemons.toReversed()) await daemon.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
  try {
    const map = join(folder, "monmap");
    const address = `[v1:127.0.0.1:${mon}]`;
    const made = ["--create", "--fsid", id, "--addv", "a", address, map];
    await call("monmaptool", ...made);
    await call("ceph-mon", "--mkfs", "-i", "a", "--monmap", map, "-c", conf);
    started("ceph-mon", "-f", "-i", "a");
    const ceph = (...args: string[]): Promise<boolean> =>
      tryCall("ceph", "-c", conf, "--connect-timeout", "5", ...args);
    await until("the monitor", () => ceph("osd", "ls"), daemons);

    const osd = crypto.randomUUID();
    // A monitor that has just begun refuses commands now and then.
    await until("the disk's id", () => ceph("osd", "new", osd, "0"), daemons);
    const store = ["-i", "0", "--mkfs", "--osd-uuid", osd, "-c", conf];
    await call("ceph-osd", ...store);
    const host = ["osd.0", "1.0", "root=default", "host=localhost"];
    const place = ["osd", "crush", "add", ...host];
    await until("the disk's place", () => ceph(...place), daemons);
    started("ceph-osd", "-f", "-i", "0");
    started("radosgw", "-f", "-n", "client.rgw.a");
    await until("the gateway", () => answers(server.endpoint), daemons);
    const key = [
      `--access-key=${server.accessKeyId}`,
      `--secret=${server.secretAccessKey}`,
    ];
    const user = ["user", "create", "--uid=tests", "--display-name=tests"];
    await call("radosgw-admin", "-c", conf, ...user, ...key);
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** A port of loopback that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A process in the background whose output goes to a file. */
export class Daemon {
  readonly #process: Deno.ChildProcess;
  readonly #copied: Promise<unknown>;
  readonly name: string;
  readonly log: string;
  ended = false;

  constructor(
    folder: string,
    program: string,
    args: readonly string[],
    label = program,
  ) {
    this.name = label;
    this.log = join(folder, `${label}.out`);
    this.#process = new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#copied = Deno.open(this.log, { write: true, create: true })
      .then((file) => this.#process.stderr.pipeTo(file.writable));
    this.#process.status.then(() => this.ended = true);
  }

  async stop(): Promise<void> {
    if (!this.ended) this.#process.kill("SIGKILL");
    await Promise.all([this.#process.status, this.#copied]);
  }
}

/** Waits for something to be ready. */
export async function until(
  what: string,
  ready: () => Promise<boolean>,
  daemons: readonly Daemon[],
): Promise<void> {
  const end = Date.now() + 240_000;
  while (!await ready()) {
    const dead = daemons.find(({ ended }) => ended);
    if (dead !== undefined || Date.now() > end) {
      const { log, name } = dead ?? daemons.at(-1)!;
      const words = (await Deno.readTextFile(log)).slice(-2000);
      throw new Error(`${what} does not start (${name}): ${words}`);
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Whether a web server answers. */
export async function answers(url: string): Promise<boolean> {
  try {
    const { ok, body } = await fetch(url);
    await body?.cancel();
    return ok;
  } catch {
    return false;
  }
}

/** Runs a program to its end. */
export async function call(
  program: string,
  ...args: string[]
): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args })
    .output();
  if (success) return;
  throw new Error(`${program} ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}

async function tryCall(program: string, ...args: string[]): Promise<boolean> {
  return (await new Deno.Command(program, { args }).output()).success;
}

/**
 * One store on a sparse file, nothing replicated, no keys between the daemons. It does not tell the monitor the
 * class of its disk: on a busy machine it may do so before it has the monitor's map, and then ends ("wrong fsid").
 */
function settings(
  folder: string,
  id: string,
  mon: number,
  rgw: number,
): string {
  return `[global]
fsid = ${id}
mon host = [v1:127.0.0.1:${mon}]
public addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms bind msgr2 = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon warn on pool no redundancy = false
mon allow pool size one = true
mon data avail crit = 1
mon data avail warn = 2
osd crush chooseleaf type = 0
osd crush update on start = false
osd class update on start = false
osd objectstore = bluestore
osd memory target = 939524096
bluestore block size = 2147483648
bluestore block create = true
osd data = ${folder}/osd
mon data = ${folder}/mon
log file = ${folder}/$name.log
admin socket = ${folder}/$name.asok
pid file = ${folder}/$name.pid
run dir = ${folder}
rgw frontends = beast endpoint=127.0.0.1:${rgw}
rgw dns name = localhost
`;
}
