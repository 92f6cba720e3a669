import assert from "node:assert/strict";
import { ipaddr } from "../../../deps_http.ts";
import { unlessAborted } from "../../job_control.ts";
import { Problem } from "../problem.ts";
import { type Answer, connect, fetchSource } from "./fetch_source.ts";
import { parseSources, type Sources } from "./source_allowlist.ts";

const PUBLIC = "93.184.215.14";
const LIMITS = { maxBytes: 1000, idleTime: 5000, readTime: 30_000 };

function allow(list: string, networks: string[] = []): Sources {
  return {
    prefixes: parseSources(list, "--sources"),
    s3Endpoint: "https://s3.example.org",
    networks: networks.map((n) => ipaddr.parseCIDR(n)),
  };
}

/** A network of pages by URL, that notes which address was asked for which URL. */
function network(
  pages: Readonly<Record<string, Partial<Answer> & { text?: string }>>,
): { asked: string[]; connect: typeof connect } {
  const asked: string[] = [];
  return {
    asked,
    connect(url, address): Promise<Answer> {
      asked.push(`${address} ${url.href}`);
      const { text = "", ...page } = pages[url.href] ?? { status: 404 };
      return Promise.resolve({
        status: 200,
        headers: {},
        body: new Blob([text]).stream(),
        ...page,
      });
    },
  };
}

async function problemOf(fetching: Promise<unknown>): Promise<string> {
  try {
    await fetching;
    return "none";
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    // The public message does not reveal addresses.
    assert.doesNotMatch(error.message, /\d+\.\d+|example|http/);
    return error.code;
  }
}

const never = new AbortController().signal;

Deno.test("a source on the list is fetched from the address that was looked at", async () => {
  const url = "https://photos.example.org/a/b.jpg?x=1";
  const net = network({ [url]: { text: "bytes" } });
  const bytes = await fetchSource(
    url,
    allow("https://photos.example.org/a"),
    LIMITS,
    never,
    {
      resolve: () => Promise.resolve([PUBLIC]),
      connect: net.connect,
    },
  );
  assert.equal(new TextDecoder().decode(bytes), "bytes");
  assert.deepEqual(net.asked, [`${PUBLIC} ${url}`]);
});

Deno.test("buckets are fetched by their servers, and only those on the list", async () => {
  const net = network({
    "https://storage.googleapis.com/photos/a.jpg": { text: "g" },
    "https://s3.example.org/archive/b/c.jpg": { text: "s" },
  });
  const parts = {
    resolve: (): Promise<string[]> => Promise.resolve([PUBLIC]),
    connect: net.connect,
  };
  const sources = allow("gs://photos,s3://archive/b/");
  const get = (url: string): Promise<Uint8Array> =>
    fetchSource(url, sources, LIMITS, never, parts);
  assert.equal((await get("gs://photos/a.jpg"))[0], 103);
  assert.equal((await get("s3://archive/b/c.jpg"))[0], 115);
  for (
    const url of [
      "gs://photos-private/a.jpg",
      "s3://archive/other/c.jpg",
      "gs://other/a.jpg",
      "https://storage.googleapis.com/photos/a.jpg",
    ]
  ) {
    assert.equal(await problemOf(get(url)), "source-forbidden", url);
  }
  assert.equal(net.asked.length, 2);
});

Deno.test("attack: sources that the list does not name", async () => {
  const net = network({});
  const sources = allow("https://photos.example.org/public/");
  for (
    const url of [
      "file:///etc/passwd",
      "data:image/png;base64,AAAA",
      "ftp://photos.example.org/public/a",
      "gopher://photos.example.org/public/a",
      "http://photos.example.org/public/a.jpg",
      "https://photos.example.org:8443/public/a.jpg",
      "https://photos.example.org/private/a.jpg",
      "https://photos.example.org/public/../private/a.jpg",
      "https://photos.example.org/public/%2e%2e/private/a.jpg",
      "https://photos.example.org/public/..%2fprivate/a.jpg",
      "https://photos.example.org/public/..%5cprivate/a.jpg",
      "https://photos.example.org/public\\..\\private/a.jpg",
      "https://photos.example.org/public/..;/private/a.jpg",
      "https://photos.example.org/public/..;a=b/private/a.jpg",
      "https://photos.example.org/public/.%2e;/private/a.jpg",
      "https://photos.example.org/public/..%3b/private/a.jpg",
      "https://photos.example.org/public/%252e%252e/private/a.jpg",
      "https://photos.example.org/public/..%252fprivate/a.jpg",
      "https://photos.example.org/public/..%255cprivate/a.jpg",
      "https://photos.example.org/public/%25252e%25252e/private/a.jpg",
      "https://photos.example.org/public/%2525252525252e./private/a.jpg",
      "https://photos.example.org/public/..%09/private/a.jpg",
      "https://photos.example.org/public/..%20/private/a.jpg",
      "https://photos.example.org/public/%20../private/a.jpg",
      "https://photos.example.org/public/..%00/private/a.jpg",
      "https://photos.example.org/public/..%250a/private/a.jpg",
      "https://photos.example.org/public/%c0%ae%c0%ae/private/a.jpg",
      "https://photos.example.org/public/%u002e%u002e/private/a.jpg",
      "https://photos.example.org/public/%ef%bc%8e%ef%bc%8e/private/a.jpg",
      "https://photos.example.org/public/a%ef%bc%8fb.jpg",
      "https://photos.example.org.evil.example/public/a.jpg",
      "https://user:pass@photos.example.org/public/a.jpg",
      "https://photos.example.org@evil.example/public/a.jpg",
      "https://evil.example/https://photos.example.org/public/a.jpg",
      "//photos.example.org/public/a.jpg",
      "public/a.jpg",
      "",
      "https://",
    ]
  ) {
    const code = await problemOf(fetchSource(url, sources, LIMITS, never, {
      resolve: () => Promise.resolve([PUBLIC]),
      connect: net.connect,
    }));
    assert.equal(code, "source-forbidden", url);
  }
  assert.deepEqual(net.asked, []);
});

Deno.test("names that only look odd are fetched", async () => {
  for (
    const name of [
      "a;v=1.jpg",
      "a..b.jpg",
      "...jpg",
      "..a/b.jpg",
      "caf%C3%A9%20%2B.jpg",
      "50%25.jpg",
      "a%2520b.jpg",
      "%E5%86%99%E7%9C%9F.jpg",
    ]
  ) {
    const url = `https://photos.example.org/public/${name}`;
    const net = network({ [url]: { text: "x" } });
    const sources = allow("https://photos.example.org/public/");
    const code = await problemOf(fetchSource(url, sources, LIMITS, never, {
      resolve: () => Promise.resolve([PUBLIC]),
      connect: net.connect,
    }));
    assert.equal(code, "none", name);
  }
});

Deno.test("attack: a host on the list that is at an inner address, alone or among others", async () => {
  const net = network({});
  const sources = allow(
    "http://photos.example.org/,http://127.0.0.1/,http://[::1]/,http://2130706433/",
  );
  const answers: [string, string[]][] = [
    ["http://photos.example.org/a", ["10.0.0.1"]],
    ["http://photos.example.org/a", [PUBLIC, "169.254.169.254"]],
    ["http://photos.example.org/a", ["::ffff:10.0.0.1"]],
    ["http://photos.example.org/a", []],
    ["http://127.0.0.1/a", [PUBLIC]],
    ["http://[::1]/a", [PUBLIC]],
    ["http://0x7f.1/a", [PUBLIC]],
    ["http://2130706433/a", [PUBLIC]],
  ];
  for (const [url, addresses] of answers) {
    const code = await problemOf(fetchSource(url, sources, LIMITS, never, {
      resolve: () => Promise.resolve(addresses),
      connect: net.connect,
    }));
    assert.equal(code, "source-forbidden", `${url} ${addresses}`);
  }
  assert.deepEqual(net.asked, []);
});

Deno.test("attack: DNS that changes its answer between check and connection", async () => {
  const url = "https://photos.example.org/a.jpg";
  const net = network({ [url]: { text: "x" } });
  let times = 0;
  await fetchSource(url, allow("https://photos.example.org/"), LIMITS, never, {
    // A public address first, private ones afterwards: a second lookup would
    // fail the test.
    resolve: () => Promise.resolve([times++ === 0 ? PUBLIC : "127.0.0.1"]),
    connect: net.connect,
  });
  assert.equal(times, 1);
  assert.deepEqual(net.asked, [`${PUBLIC} ${url}`]);
});

Deno.test("attack: redirects to inner addresses, off the list, without end", async () => {
  const at = "https://photos.example.org/";
  const to = (location: string): Partial<Answer> => ({
    status: 302,
    headers: { location },
  });
  const net = network({
    [`${at}inner`]: to("https://inner.example.org/a"),
    [`${at}metadata`]: to("http://169.254.169.254/latest/meta-data/"),
    [`${at}file`]: to("file:///etc/passwd"),
    [`${at}off`]: to("https://evil.example/a"),
    [`${at}bad`]: to("http://["),
    [`${at}1`]: to("/2"),
    [`${at}2`]: to("3"),
    [`${at}3`]: to(`${at}4`),
    [`${at}4`]: { text: "here" },
    [`${at}0`]: to("/1"),
    [`${at}loop`]: to("/loop"),
  });
  const get = (path: string): Promise<Uint8Array> =>
    fetchSource(
      at + path,
      allow(`${at},https://inner.example.org/`),
      LIMITS,
      never,
      {
        resolve: (host) =>
          Promise.resolve([host.startsWith("inner") ? "10.0.0.7" : PUBLIC]),
        connect: net.connect,
      },
    );
  for (const path of ["inner", "metadata", "file", "off", "bad"]) {
    assert.equal(await problemOf(get(path)), "source-forbidden", path);
  }
  assert.doesNotMatch(net.asked.join(), /10\.0\.0\.7|169\.254|evil/);
  assert.equal(new TextDecoder().decode(await get("1")), "here");
  assert.equal(await problemOf(get("0")), "source-failed");
  assert.equal(await problemOf(get("loop")), "source-failed");
});

Deno.test("attack: sources that are too long, compressed, broken or slow", async () => {
  const at = "https://photos.example.org/";
  const drip = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, 20));
      controller.enqueue(Uint8Array.of(1));
    },
  });
  const net = network({
    [`${at}long`]: { text: "x".repeat(1001) },
    [`${at}declared`]: { headers: { "content-length": "1001" } },
    [`${at}gzip`]: { headers: { "content-encoding": "gzip" } },
    [`${at}500`]: { status: 500 },
    [`${at}206`]: { status: 206 },
    [`${at}slow`]: { body: drip },
    [`${at}cut`]: { headers: { "content-length": "900" }, text: "short" },
    [`${at}stalled`]: { body: new ReadableStream() },
    [`${at}broken`]: {
      body: new ReadableStream({
        pull: (controller) => controller.error(new Error("reset")),
      }),
    },
  });
  const codes: Record<string, string> = {};
  for (
    const path of ["long", "declared", "gzip", "500", "206", "404", "slow"]
      .concat(["cut", "stalled", "broken"])
  ) {
    const isSlow = path === "slow" || path === "stalled";
    const limits = isSlow ? { ...LIMITS, readTime: 300 } : LIMITS;
    codes[path] = await problemOf(
      fetchSource(at + path, allow(at), limits, never, {
        resolve: () => Promise.resolve([PUBLIC]),
        connect: net.connect,
      }),
    );
  }
  assert.deepEqual(codes, {
    long: "too-many-bytes",
    declared: "too-many-bytes",
    gzip: "source-failed",
    500: "source-failed",
    206: "source-failed",
    404: "source-failed",
    slow: "source-failed",
    cut: "source-failed",
    stalled: "source-failed",
    broken: "source-failed",
  });
});

Deno.test("attack: DNS that does not answer holds nobody longer than a body may take", async () => {
  const url = "https://photos.example.org/a.jpg";
  const sources = allow("https://photos.example.org/");
  const silent = {
    resolve: (): Promise<string[]> => new Promise(() => {}),
    connect: network({}).connect,
  };
  const limits = { ...LIMITS, readTime: 50 };
  const late = fetchSource(url, sources, limits, never, silent);
  assert.equal(await problemOf(late), "source-failed");
  const leave = new AbortController();
  const left = fetchSource(url, sources, LIMITS, leave.signal, silent);
  leave.abort(new Problem("client-gone", "The client has left."));
  assert.equal(await problemOf(left), "client-gone");
});

Deno.test("the connection goes to the address, with the host's name", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url, headers }) => {
      const { pathname, search } = new URL(url);
      return new Response(`${headers.get("host")} ${pathname}${search}`);
    },
  );
  const { port } = server.addr;
  const url = `http://photos.example.org:${port}/a%20b?signature=c%2Fd`;
  const bytes = await fetchSource(
    url,
    allow(`http://photos.example.org:${port}/`, ["127.0.0.0/8"]),
    LIMITS,
    never,
    { resolve: () => Promise.resolve(["127.0.0.1"]), connect },
  );
  assert.equal(
    new TextDecoder().decode(bytes),
    `photos.example.org:${port} /a%20b?signature=c%2Fd`,
  );
});

Deno.test("a source that is refused is let go: its connection is closed", async () => {
  const left = Promise.withResolvers<void>();
  const stop = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: stop.signal, onListen: () => {} },
    () =>
      new Response(
        new ReadableStream<Uint8Array>({
          pull: (controller) => controller.enqueue(new Uint8Array(4096)),
          cancel: () => left.resolve(),
        }),
      ),
  );
  const at = `http://127.0.0.1:${server.addr.port}/`;
  const fetching = fetchSource(
    `${at}endless`,
    allow(at, ["127.0.0.0/8"]),
    LIMITS,
    never,
    { resolve: () => Promise.resolve([]), connect },
  );
  try {
    assert.equal(await problemOf(fetching), "too-many-bytes");
    await unlessAborted(left.promise, AbortSignal.timeout(10_000));
  } finally {
    stop.abort();
    await server.finished;
  }
});

Deno.test("over https the certificate is asked for by the host's name, not by its address", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const url = new URL(`https://photos.example.org:${port}/a.jpg`);
  const connecting = connect(url, "127.0.0.1", never);
  const hello = new Uint8Array(4096);
  {
    using connection = await listener.accept();
    await connection.read(hello);
  }
  // What a client says first is not encrypted, nor is the name in it.
  assert.match(new TextDecoder("latin1").decode(hello), /photos\.example\.org/);
  await assert.rejects(connecting);
});

/** Connects to a server that says the text to whoever comes. */
async function hear(text: string): Promise<Answer> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = new URL(`http://127.0.0.1:${listener.addr.port}/`);
  const answer = connect(url, "127.0.0.1", AbortSignal.timeout(20_000));
  answer.catch(() => {});
  using connection = await listener.accept();
  await connection.read(new Uint8Array(4096));
  try {
    let bytes = new TextEncoder().encode(text);
    while (bytes.length > 0) {
      bytes = bytes.subarray(await connection.write(bytes));
    }
  } catch {
    // The other side has closed it.
  }
  return await answer;
}

const OK = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

Deno.test("attack: a source that never comes to its answer", async () => {
  const hint = "HTTP/1.1 103 Early Hints\r\n\r\n";
  const some = await hear(`${hint.repeat(10)}${OK}0\r\n\r\n`);
  assert.equal(some.status, 200);
  await some.body.cancel();
  const many = hear(`${hint.repeat(20)}${OK}0\r\n\r\n`);
  assert.equal(await problemOf(many), "source-failed");
});

Deno.test("attack: a source that sends single bytes is cut off before they are read", async () => {
  const bytes = (count: number): string => "1\r\nx\r\n".repeat(count);
  const few = await hear(`${OK}${bytes(1000)}0\r\n\r\n`);
  assert.equal((await new Response(few.body).bytes()).length, 1000);
  const many = await hear(`${OK}${bytes(6000)}0\r\n\r\n`);
  await assert.rejects(new Response(many.body).bytes());
});
