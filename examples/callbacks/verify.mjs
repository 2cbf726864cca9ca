// @ts-check
// Checks the signature of a callback (Standard Webhooks 1.0). Node's library alone; works in
// TypeScript as it is. `node verify.mjs SECRET ID TIMESTAMP SIGNATURE < body` says yes or no.
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { argv, exit } from "node:process";
import { fileURLToPath } from "node:url";

const TOLERANCE_S = 300;

/**
 * @param {string} secret `whsec_…`
 * @param {Record<string, string | undefined>} headers names in lower case
 * @param {Buffer} body exactly as it came, before any parsing
 * @returns {boolean}
 */
export function isGenuine(secret, headers, body, now = Date.now() / 1000) {
  const id = headers["webhook-id"] ?? "";
  const stamp = headers["webhook-timestamp"] ?? "";
  if (!/^[0-9]+$/.test(stamp) || Math.abs(now - Number(stamp)) > TOLERANCE_S) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const mac = createHmac("sha256", key).update(`${id}.${stamp}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${mac}`);
  return (headers["webhook-signature"] ?? "").split(" ").some((given) => {
    const one = Buffer.from(given); // two during a rotation
    return one.length === expected.length && timingSafeEqual(one, expected);
  });
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const [secret, id, stamp, signature] = argv.slice(2);
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": stamp,
    "webhook-signature": signature,
  };
  const genuine = isGenuine(secret, headers, readFileSync(0));
  console.log(genuine ? "yes" : "no");
  exit(genuine ? 0 : 1);
}
