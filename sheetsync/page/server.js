// Requests to the server. The secret goes along in a header, so no other site's page can send the same.

import { config } from "./config.js";

const base = `/spreadsheets/d/${config.spreadsheet}/page/`;
const AGAIN = 1000;
const REPEATABLE = ["type", "clear", "undo"];
const ALIVE = 60000; // bytes that a browser sends on even while the page is being left

/** What the server refused: `message` in the API's words, `status` of HTTP. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** What there is to know: ask("cells", { gid: 0, top: 0, ... }). Throws Refused, or TypeError without a connection. */
export const ask = (what, query = {}) => answered(`${base}${what}?${new URLSearchParams(query)}`, {});

/**
 * Carry out an edit: { revision, undo }. Without a connection it is tried again until there is one, where doing it twice
 * does no harm; `waiting(error)` is told.
 */
export async function edit(wanted, waiting) {
  const body = JSON.stringify(wanted);
  const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive: body.length < ALIVE };
  for (;;) {
    try {
      const told = await answered(`${base}edit`, sent);
      if (told.refused) throw new Refused(400, told.refused);
      return told;
    } catch (error) {
      if (!(error instanceof TypeError) || !REPEATABLE.includes(wanted.kind)) throw error;
      waiting(error);
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  }
}

async function answered(url, options) {
  const secret = config.secret;
  let answer = await sent(url, options);
  if (answer.status === 403 && (await renewed(secret))) answer = await sent(url, options);
  const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
  const body = isJson ? await answer.json() : {};
  if (!answer.ok) throw new Refused(answer.status, body.error?.message ?? answer.statusText);
  return body;
}

const sent = (url, options) =>
  fetch(url, { ...options, cache: "no-store", headers: { ...options.headers, "X-Sheetsync-Page": config.secret } });

/** A server that was started anew has another secret: it stands in the page as it is given out now. */
async function renewed(former) {
  if (config.secret !== former) return true;
  const shell = await fetch(location.pathname, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await shell.text(), "text/html");
  const { secret } = JSON.parse(page.body.dataset.config ?? "{}");
  if (!secret || secret === former) return false;
  config.secret = secret;
  return true;
}
