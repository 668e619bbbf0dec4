// Makes calls of @wavestack/sdk for a test: node driver.mjs path/to/dist/src/index.js. One question a line, one answer
// a line, all names in Python's spelling.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { WaveStackClient } = await import(pathToFileURL(process.argv[2]));
const SECONDS = /_sec$/;
// Names that are seconds in the API itself, and so in both SDKs.
const SECONDS_OF_THE_API = ["start_sec", "duration_sec"];
const MOMENT = /^\d{4}-\d\d-\d\dT.*Z$/;
let client;

function camel(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

function snake(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Spells options as the SDK does: camelCase, milliseconds, Dates. */
function told(value, key = "") {
  if (Array.isArray(value)) return value.map((each) => told(each));
  if (typeof value === "string" && key === "schedule_at" && MOMENT.test(value)) return new Date(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([name, each]) =>
        SECONDS.test(name) && !SECONDS_OF_THE_API.includes(name)
          ? [camel(name.replace(SECONDS, "_ms")), each === null ? null : each * 1000]
          : [camel(name), told(each, name)],
      ),
  );
}

/** Spells a result as Python does. */
function said(value) {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(said);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [snake(name), said(each)]));
}

function refusal(error) {
  const names = ["message", "code", "reason", "status", "field", "constraint", "retryAfter", "sent"];
  const present = names.filter((name) => error[name] !== undefined).map((name) => [snake(name), error[name]]);
  return { kind: error.name === "TypeError" ? "ValueError" : error.name, ...Object.fromEntries(present) };
}

async function call(question, progress) {
  const [resource, method] = question.method.split(".");
  const onProgress = (...values) => progress.push(said(values.length === 1 ? values[0] : values));
  const wantsProgress = ["wait", "download"].includes(method);
  const options = { ...told(question.options), ...(wantsProgress ? { onProgress } : {}) };
  const args = [...told(question.args), ...(Object.keys(options).length > 0 ? [options] : [])];
  const done = client[resource][camel(method)](...args);
  if (method !== "iterate") return said((await done) ?? null);
  const items = [];
  for await (const item of done) items.push(said(item));
  return items;
}

async function answer(question) {
  const progress = [];
  try {
    if (question.open) {
      client = new WaveStackClient(told(question.open));
      return { value: null, progress };
    }
    if (question.times === undefined) return { value: await call(question, progress), progress };
    return { value: await Promise.all(Array.from({ length: question.times }, () => call(question, progress))), progress };
  } catch (error) {
    return { error: refusal(error), progress };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
