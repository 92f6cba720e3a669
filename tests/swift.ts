/**
 * A second dialect of S3 for the tests: OpenStack Swift with s3api, on loopback
 * and in a folder of its own. Unlike radosgw it holds requests to its region.
 */
import { join } from "node:path";
import {
  answers,
  call,
  Daemon,
  freePort,
  isInstalled,
  type S3Server,
  until,
} from "./radosgw.ts";

const SERVERS = ["account", "container", "object"] as const;
const PYTHON = "/usr/bin/python3";

/** Swift looks for its main settings in /etc; here they lie elsewhere. */
const LAUNCH = `
import runpy, sys
import swift.common.utils
swift.common.utils.SWIFT_CONF_FILE = sys.argv[1]
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
`;

/** Whether its programs are installed. */
export async function hasSwift(): Promise<boolean> {
  const programs = [...SERVERS, "proxy"].map((name) => `swift-${name}-server`);
  const all = [...programs, "swift-ring-builder", "memcached"];
  return (await Promise.all(all.map(isInstalled))).every(Boolean);
}

/** Starts it; that takes some seconds. Its region is `us-east-1`. */
export async function startSwift(): Promise<S3Server> {
  const folder = await Deno.makeTempDir({ prefix: "swift" });
  const daemons: Daemon[] = [];
  const port = freePort();
  const server = {
    endpoint: `http://127.0.0.1:${port}`,
    accessKeyId: "test:tester",
    secretAccessKey: crypto.randomUUID(),
    async [Symbol.asyncDispose](): Promise<void> {
      for (const daemon of daemons.toReversed()) await daemon.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
  try {
    const id = await new Deno.Command("id", { args: ["-un"] }).output();
    const user = new TextDecoder().decode(id.stdout).trim();
    const main = join(folder, "swift.conf");
    await Deno.writeTextFile(main, MAIN);
    await Deno.mkdir(join(folder, "node", "sdb1"), { recursive: true });
    const common = (port: number): string =>
      `[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = ${port}\nworkers = 0\nuser = ${user}\nswift_dir = ${folder}\ndevices = ${folder}/node\nmount_check = false\nfallocate_reserve = 0\nlog_level = WARNING\n`;
    const start = async (name: string, settings: string): Promise<void> => {
      const conf = join(folder, `${name}.conf`);
      await Deno.writeTextFile(conf, settings);
      const program = `/usr/bin/swift-${name}-server`;
      const args = ["-c", LAUNCH, main, program, conf];
      daemons.push(new Daemon(folder, PYTHON, args, name));
    };
    for (const name of SERVERS) {
      const own = freePort();
      const builder = join(folder, `${name}.builder`);
      const ring = (...args: string[]): Promise<void> =>
        call("swift-ring-builder", builder, ...args);
      await ring("create", "4", "1", "1");
      await ring("add", `r1z1-127.0.0.1:${own}/sdb1`, "1");
      await ring("rebalance");
      await start(
        name,
        `${
          common(own)
        }[pipeline:main]\npipeline = ${name}-server\n[app:${name}-server]\nuse = egg:swift#${name}\nrecon_cache_path = ${folder}\n`,
      );
    }
    const cache = freePort();
    const memory = ["-u", user, "-l", "127.0.0.1", "-p", String(cache)];
    daemons.push(new Daemon(folder, "memcached", memory));
    await start(
      "proxy",
      common(port) + proxySettings(cache, server.secretAccessKey),
    );
    const ready = (): Promise<boolean> =>
      answers(`${server.endpoint}/healthcheck`);
    await until("Swift", ready, daemons);
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

const MAIN = `[swift-hash]
swift_hash_path_suffix = tests
swift_hash_path_prefix = tests
[storage-policy:0]
name = one
default = yes
`;

function proxySettings(cache: number, secret: string): string {
  return `[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth bulk slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${cache}
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = ${secret} .admin
`;
}
