import assert from "node:assert/strict";
import { ipaddr } from "../../../deps_http.ts";
import { mayFetchFrom } from "./ip_ranges.ts";

const REFUSED: Readonly<Record<string, readonly string[]>> = {
  "this network": ["0.0.0.0", "0.1.2.3"],
  "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
  "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
  "shared by carriers (CGNAT)": ["100.64.0.1", "100.127.255.254"],
  "link-local": ["169.254.0.1", "fe80::1", "febf::1"],
  "metadata": [
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "fd00:ec2::254",
  ],
  "protocol assignments": ["192.0.0.1"],
  "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1"],
  "benchmarks": ["198.18.0.1", "198.19.255.255", "2001:2::1"],
  "6to4 relays": ["192.88.99.1"],
  "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
  "reserved and broadcast": ["240.0.0.1", "255.255.255.255"],
  "unspecified": ["::"],
  "IPv4 mapped": ["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8"],
  "IPv4 compatible": ["::127.0.0.1", "::7f00:1", "::a00:1"],
  "NAT64": ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1"],
  "6to4": ["2002:7f00:1::", "2002:a9fe:a9fe::1"],
  "Teredo": ["2001:0:7f00:1::", "2001::1"],
  "ISATAP": ["2606:4700::5efe:a00:1", "2606:4700::200:5efe:a00:1"],
  "unique local": ["fc00::1", "fdff::1"],
  "site-local, given up": ["fec0::1"],
  "ORCHID": ["2001:10::1", "2001:20::1"],
  "discard": ["100::1"],
  "segment routing, more documentation": ["5f00::1", "3fff::1"],
  "outside global unicast": ["4000::1", "1::1", "e000::1"],
  "no plain address": [
    "",
    "localhost",
    "127.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "fe80::1%eth0",
    "2606:4700::1%1",
    "8.8.8.8:80",
    "[::1]",
  ],
};

for (const [name, addresses] of Object.entries(REFUSED)) {
  Deno.test(`attack: a source whose address is ${name}`, () => {
    for (const address of addresses) {
      assert.equal(mayFetchFrom(address, []), false, address);
    }
  });
}

Deno.test("sources at public addresses are fetched", () => {
  for (
    const address of [
      "8.8.8.8",
      "100.63.255.255",
      "100.128.0.1",
      "172.32.0.1",
      "2606:4700::1111",
      "2a00:1450::1",
    ]
  ) {
    assert.equal(mayFetchFrom(address, []), true, address);
  }
});

Deno.test("a named network is open, but not to metadata servers", () => {
  const networks = ["10.8.0.0/16", "169.254.0.0/16", "fd00::/8"].map((n) =>
    ipaddr.parseCIDR(n)
  );
  assert.equal(mayFetchFrom("10.8.1.1", networks), true);
  assert.equal(mayFetchFrom("10.9.1.1", networks), false);
  assert.equal(mayFetchFrom("fd12::1", networks), true);
  assert.equal(mayFetchFrom("169.254.169.254", networks), false);
  assert.equal(mayFetchFrom("fd00:ec2::254", networks), false);
});
