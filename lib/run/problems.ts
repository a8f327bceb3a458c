/** Problems of a run file against its schema, in words: key, value, and what is allowed. Pure. */
import type { ErrorObject } from 'ajv';
import { closest } from '../base/did-you-mean.ts';
import { renamedKeyProblems } from './retired-keys.ts';

/** Longest value that a message quotes; files may hold longer ones. */
const VALUE_CHARACTERS_MAX = 100;

/** The keywords of a property's schema that messages are made from. */
interface Told {
  readonly type: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Describes one problem that ajv found with `verbose`; a renamed group gives several lines. */
export function describeProblem(error: ErrorObject): string[] {
  const path = error.instancePath.slice(1).replaceAll('/', '.');
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty']);
    const value = (error.data as Readonly<Record<string, unknown>>)[key];
    const renamed = renamedKeyProblems(path === '' ? key : `${path}.${key}`, value);
    if (renamed.length > 0) return renamed;
  }
  return [describe(error)];
}

function describe(error: ErrorObject): string {
  const path = error.instancePath.slice(1).replaceAll('/', '.');
  const schema = error.parentSchema as Told;
  const params = error.params as Readonly<Record<string, unknown>>;
  const below = (key: unknown): string => `${path === '' ? '' : `${path}.`}${String(key)}`;
  const where = path === '' ? 'the file' : path;
  const value = shortJson(error.data);
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      const known = Object.keys(schema.properties ?? {});
      const near = closest(key, known);
      const hint = near === undefined ? `known keys: ${known.join(', ')}` : `did you mean ${near}?`;
      return `${below(key)}: unknown key; ${hint}`;
    }
    case 'required':
      return `${below(params['missingProperty'])}: is missing`;
    case 'enum': {
      const allowed = (params['allowedValues'] as readonly unknown[]).map(String);
      const near = typeof error.data === 'string' ? closest(error.data, allowed) : undefined;
      const hint = near === undefined ? '' : `; did you mean ${near}?`;
      return `${where}: ${value} is not one of ${allowed.join(', ')}${hint}`;
    }
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `${where}: ${value} is not ${rangeOf(schema)}`;
    case 'multipleOf':
      return `${where}: ${value} is no multiple of ${String(params['multipleOf'])}`;
    case 'type':
      return `${where}: ${value} is ${typeProblem(schema)}`;
    case 'minItems':
    case 'maxItems': {
      const { length } = error.data as unknown[];
      return `${where}: ${value} has ${length} entries; ${itemsOf(schema)}`;
    }
    case 'uniqueItems':
      return `${where}: ${value} has an entry twice; leave one of them out`;
    case 'minLength':
      return `${where}: ${value} is empty; write something, or leave the key out`;
    default:
      return `${where}: ${value} ${error.message ?? 'is not allowed'}`;
  }
}

/** Such as `in 1 to 64`, `above 0 and at most 1`, `at least 0 and below 1`. */
function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Told): string {
  if (minimum !== undefined && maximum !== undefined) return `in ${minimum} to ${maximum}`;
  const ends = [
    minimum === undefined ? '' : `at least ${minimum}`,
    exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`,
    maximum === undefined ? '' : `at most ${maximum}`,
    exclusiveMaximum === undefined ? '' : `below ${exclusiveMaximum}`,
  ];
  return ends.filter((end) => end !== '').join(' and ');
}

function typeProblem(schema: Told): string {
  const range = rangeOf(schema);
  const bounded = range === '' ? '' : `, ${range}`;
  switch (schema.type) {
    case 'integer':
      return `no whole number; write one${bounded}`;
    case 'number':
      return `no number; write one${bounded}`;
    case 'boolean':
      return 'neither true nor false';
    case 'string':
      return 'no text; write it in quotes';
    case 'array':
      return `no list; write it in brackets, such as ${shortJson(schema.default ?? ['a', 'b'])}`;
    default: {
      const keys = Object.keys(schema.properties ?? {});
      return `no group of keys; write its keys below it, indented: ${keys.join(', ')}`;
    }
  }
}

function itemsOf({ minItems = 0, maxItems }: Told): string {
  return maxItems === undefined
    ? `write at least ${minItems}, or leave the key out`
    : `write ${minItems} to ${maxItems}`;
}

function shortJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= VALUE_CHARACTERS_MAX ? text : `${text.slice(0, VALUE_CHARACTERS_MAX)}…`;
}
