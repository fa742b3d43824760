import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { certificateOf } from "./certificate.js";

test("a certificate that is made is good for this machine's own names and the address asked for, now", async () => {
  const made = await certificateOf("self-signed", "192.0.2.7");
  const certificate = new X509Certificate(made?.cert ?? "");
  for (const name of ["127.0.0.1", "::1", "192.0.2.7"]) expect(certificate.checkIP(name)).toBeDefined();
  expect(certificate.checkHost("localhost")).toBe("localhost");
  expect(certificate.checkHost("example.com")).toBeUndefined();
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
});

test("two servers do not share one", async () => {
  const [first, second] = [
    await certificateOf("self-signed", "127.0.0.1"),
    await certificateOf("self-signed", "127.0.0.1"),
  ];
  expect(first?.key).not.toBe(second?.key);
});

test("a given one is taken as it is, and needs its key", async () => {
  const given = await certificateOf("self-signed", "127.0.0.1");
  const other = await certificateOf("self-signed", "127.0.0.1");
  if (given === undefined || other === undefined) throw new Error("none was made");
  expect(await certificateOf(given, "127.0.0.1")).toBe(given);
  expect(await certificateOf(undefined, "127.0.0.1")).toBeUndefined();
  const mixed = certificateOf({ cert: given.cert, key: other.key }, "127.0.0.1");
  await expect(mixed).rejects.toThrow("tls.cert and tls.key must be a certificate and its key");
});
