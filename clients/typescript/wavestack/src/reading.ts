// Reading JSON objects into typed values; what is not as it should be is an UnexpectedAnswerError.

import { UnexpectedAnswerError } from "./errors.js";

const LARGEST = 2 ** 63;

/** Reads the body of an answer, which has to be one JSON object. */
export function parse(body: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new UnexpectedAnswerError(`the answer is not JSON: ${body.slice(0, 80)}`);
  }
  return Fields.of(value, "the answer");
}

/** The fields of a JSON object. `text`, `number` and so on throw where a field is missing or of another type. */
export class Fields {
  private constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  static of(value: unknown, name: string): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new UnexpectedAnswerError(`${name} is not an object: ${show(value)}`);
    }
    return new Fields(value as Record<string, unknown>);
  }

  get(name: string): unknown {
    return this.values[name];
  }

  /** Reads a field by one of the methods below; null where it is absent or null. */
  maybe<T>(name: string, read: (this: Fields, name: string) => T): T | null {
    const value = this.values[name];
    return value === undefined || value === null ? null : read.call(this, name);
  }

  text(name: string): string {
    const value = this.values[name];
    if (typeof value !== "string") throw this.wrong(name, "text");
    return value;
  }

  number(name: string): number {
    const value = this.values[name];
    if (typeof value !== "number" || !(Math.abs(value) < LARGEST)) throw this.wrong(name, "a number");
    return value;
  }

  /** Reads a number that is 0 where it is absent. */
  count(name: string): number {
    return this.maybe(name, this.number) ?? 0;
  }

  moment(name: string): Date {
    const moment = new Date(this.text(name));
    if (Number.isNaN(moment.getTime())) throw this.wrong(name, "a moment");
    return moment;
  }

  object(name: string): Fields {
    return Fields.of(this.values[name], `'${name}' of the answer`);
  }

  objects(name: string): Fields[] {
    return this.list(name).map((value) => Fields.of(value, `an entry of '${name}'`));
  }

  texts(name: string): string[] {
    const values = this.list(name);
    if (!values.every((value) => typeof value === "string")) throw this.wrong(name, "a list of texts");
    return values;
  }

  private list(name: string): unknown[] {
    const value = this.values[name];
    if (!Array.isArray(value)) throw this.wrong(name, "a list");
    return value;
  }

  private wrong(name: string, wanted: string): UnexpectedAnswerError {
    return new UnexpectedAnswerError(`'${name}' of the answer is not ${wanted}: ${show(this.values[name])}`);
  }
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? "absent").slice(0, 80);
}
