// Requests to the server. The secret goes along in a header, so no other site's page can send the same.

import { config } from "./config.js";

const base = `/spreadsheets/d/${config.spreadsheet}/page/`;
const headers = { "X-Sheetsync-Page": config.secret };

/** What the server refused: `message` in the API's words, `status` of HTTP. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** What there is to know: ask("cells", { gid: 0, top: 0, ... }). Throws Refused, or TypeError without a connection. */
export const ask = (what, query = {}) =>
  answered(fetch(`${base}${what}?${new URLSearchParams(query)}`, { headers, cache: "no-store" }));

/** Carry out an edit: { revision, undo }. */
export async function edit(wanted) {
  const sent = { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(wanted) };
  const told = await answered(fetch(`${base}edit`, sent));
  if (told.refused) throw new Refused(400, told.refused);
  return told;
}

async function answered(promise) {
  const answer = await promise;
  const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
  const body = isJson ? await answer.json() : {};
  if (!answer.ok) throw new Refused(answer.status, body.error?.message ?? answer.statusText);
  return body;
}
