/**
 * Builders of JSON Schemas whose types carry the value that the schema admits, so that a run file's
 * type and its checks are one declaration. Pure.
 */

declare const VALUE: unique symbol;

/** A JSON Schema; `Value` is what it admits, with defaults filled in. */
export interface Schema<Value> {
  readonly [keyword: string]: unknown;
  /** Only in the type: what the schema admits. */
  readonly [VALUE]?: Value;
}

/** The value that a schema admits. */
export type ValueOf<Of> = Of extends Schema<infer Value> ? Value : never;

type Properties = Readonly<Record<string, Schema<unknown>>>;
/** Bounds as JSON Schema keywords, such as `minimum` or `exclusiveMaximum`. */
type Bounds = Readonly<Record<string, number>>;

type OptionalKeys<Of extends Properties> = {
  [Key in keyof Of]: undefined extends ValueOf<Of[Key]> ? Key : never;
}[keyof Of];

type Flat<Type> = { [Key in keyof Type]: Type[Key] };

/** The object that a group of properties admits; optional ones may be absent. */
export type GroupValue<Of extends Properties> = Flat<
  { readonly [Key in Exclude<keyof Of, OptionalKeys<Of>>]: ValueOf<Of[Key]> } & {
    readonly [Key in OptionalKeys<Of>]?: Exclude<ValueOf<Of[Key]>, undefined>;
  }
>;

/** An object that has these properties and no others. */
export function objectOf<Of extends Properties>(properties: Of): Schema<GroupValue<Of>> {
  return { type: 'object', additionalProperties: false, properties };
}

/** Likewise where some are required. */
export function objectRequiring<Of extends Properties>(
  required: readonly (keyof Of & string)[],
  properties: Of,
  keywords: Readonly<Record<string, unknown>> = {},
): Schema<GroupValue<Of>> {
  return { ...keywords, ...objectOf(properties), required };
}

/** Keys of a run file that stand below one key; left out, it has all defaults. */
export function group<Of extends Properties>(
  description: string,
  properties: Of,
): Schema<GroupValue<Of>> {
  return { description, default: {}, ...objectOf(properties) };
}

/** Likewise where some keys have no default. */
export function groupRequiring<Of extends Properties>(
  required: readonly (keyof Of & string)[],
  description: string,
  properties: Of,
): Schema<GroupValue<Of>> {
  return { ...group(description, properties), required };
}

export function number(description: string, fallback: number, bounds: Bounds): Schema<number> {
  return { description, type: 'number', default: fallback, ...bounds };
}

export function wholeNumber(description: string, fallback: number, bounds: Bounds): Schema<number> {
  return { description, type: 'integer', default: fallback, ...bounds };
}

/** A count from 0 (the default) to the largest that a run file may give. */
export function count(description: string): Schema<number> {
  return wholeNumber(description, 0, { minimum: 0, maximum: 2 ** 31 - 1 });
}

export function flag(description: string, fallback: boolean): Schema<boolean> {
  return { description, type: 'boolean', default: fallback };
}

export function choice<const Value extends string>(
  description: string,
  fallback: NoInfer<Value>,
  values: readonly Value[],
): Schema<Value> {
  return { description, enum: values, default: fallback };
}

/** One of some numbers. */
export function numberChoice<const Value extends number>(
  description: string,
  fallback: NoInfer<Value>,
  values: readonly Value[],
): Schema<Value> {
  return { description, enum: values, default: fallback };
}

/** One of some texts, without a default. */
export function requiredChoice<const Value extends string>(
  description: string,
  values: readonly Value[],
): Schema<Value> {
  return { description, enum: values };
}

/** A whole number without a default. */
export function requiredWholeNumber(description: string, bounds: Bounds): Schema<number> {
  return { description, type: 'integer', ...bounds };
}

/** A list of objects of one kind, without a default. */
export function listOf<Value>(
  description: string,
  items: Schema<Value>,
  bounds: Bounds,
): Schema<readonly Value[]> {
  return { description, type: 'array', items, ...bounds };
}

/** Text; it has a default only where `keywords` gives one. */
export function text(
  description: string,
  keywords: Readonly<Record<string, unknown>> = {},
): Schema<string> {
  return { description, type: 'string', ...keywords };
}

/** A list of texts; it has a default only where `keywords` gives one. */
export function texts(
  description: string,
  items: Bounds,
  keywords: Readonly<Record<string, unknown>>,
): Schema<readonly string[]> {
  return { description, type: 'array', items: { type: 'string', ...items }, ...keywords };
}

/** Numbers by keys that the file chooses, such as patterns; none by default. */
export function numbersByKey(
  description: string,
  bounds: Bounds,
): Schema<Readonly<Record<string, number>>> {
  return {
    description,
    type: 'object',
    additionalProperties: { type: 'number', ...bounds },
    maxProperties: 100,
    default: {},
  };
}

/** Some of `values`, each at most once and at least one. */
export function choices<const Value extends string>(
  description: string,
  fallback: readonly NoInfer<Value>[],
  values: readonly Value[],
): Schema<readonly Value[]> {
  return {
    description,
    type: 'array',
    items: { type: 'string', enum: values },
    minItems: 1,
    uniqueItems: true,
    default: fallback,
  };
}

/** Marks a key that may be absent from the run as well; its schema has no default. */
export function optional<Value>(schema: Schema<Value>): Schema<Value | undefined> {
  return schema;
}
