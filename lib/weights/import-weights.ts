/**
 * Takes a model's tensors from a weights file of any known format. Tensors that do not fit are
 * listed by name and refused, unless they are allowed. A classifier for another number of classes
 * is replaced.
 */
import { CrescendoError, defined } from '../base/errors.ts';
import type { NamedTensor } from './named-tensor.ts';
import type { Network } from '../models/network.ts';
import { initialValues } from '../models/nn/initial-weights.ts';
import { resizeTable } from '../models/nn/interpolation.ts';
import { detectFormat, nameMap, type Format } from './names/formats.ts';
import { shapeHere, shapeThere, toOurs, type NameMap, type NameMapping } from './names/name-map.ts';
import type { StoredTensor, TensorSource } from './tensor-source.ts';

const CLASSIFIER = ['head.dense.kernel', 'head.dense.bias'];
const CLASSIFIER_BIAS = 'head.dense.bias';
/** Placeholder for the number of classes, while only names matter. */
const ANY_CLASS_COUNT = 1000;
/** A larger number of classes is taken as damage; ImageNet-21k has 21,843. */
export const CLASS_COUNT_MAX = 1_000_000;
const NAMES_LISTED_MAX = 20;
/** DataParallel and DistributedDataParallel, torch.compile, modules that hold the network. */
const WRAPPERS = ['module.', '_orig_mod.', 'model.'];
/**
 * CoAtNet's tables of relative bias, [rows, columns, heads]; they are resized for other image
 * sizes.
 */
const RELATIVE_BIAS = /\.relative_bias\.table$/;
/** Longest side of a table that is resized; 1024 px need 127. */
const TABLE_SIDE_MAX = 1023;

export interface ImportOptions {
  /** Path of the file, for messages. */
  readonly path: string;
  readonly modelOf: (classCount: number) => Network;
  readonly format: Format | 'auto';
  /** Number of classes; undefined for that of the file's classifier. */
  readonly classCount: number | undefined;
  /**
   * Patterns of this project's names, * for any text: missing or mis-shaped tensors get initial
   * values.
   */
  readonly allowMissing: readonly string[];
  /** Patterns of the file's names: these tensors are ignored. */
  readonly allowExtra: readonly string[];
  /** Seed of the initial values. */
  readonly seed: number;
  /** An `import` resizes tables of relative bias, and its messages suggest --allow-missing. */
  readonly purpose: 'import' | 'use';
}

export interface ImportReport {
  readonly format: Format;
  readonly container: TensorSource['container'];
  readonly model: string;
  readonly classCount: number;
  /** What all names of the file began with, and was taken off; empty where nothing was. */
  readonly strippedPrefix: string;
  /** Number of classes of the file's classifier; null if it has none. */
  readonly fileClassCount: number | null;
  readonly tensorCount: number;
  readonly parameterCount: number;
  readonly isClassifierReplaced: boolean;
  /** Number of tensors taken from a moving average. */
  readonly averagedCount: number;
  /** The model's tensors that have initial values. */
  readonly initialized: readonly string[];
  /** The model's tables of relative bias that were made for another image size. */
  readonly resized: readonly string[];
  /** The file's tensors that are not weights of a model, such as counters and moments. */
  readonly ignored: readonly string[];
  /** The file's tensors that --allow-extra ignored. */
  readonly leftOut: readonly string[];
}

export interface ImportedWeights {
  readonly network: Network;
  /** In layout order: parameters, then moving statistics. */
  readonly tensors: NamedTensor[];
  readonly report: ImportReport;
}

/** @throws CRESCENDO_WEIGHTS_INVALID listing what does not fit */
export function importWeights(given: TensorSource, options: ImportOptions): ImportedWeights {
  const { path, modelOf } = options;
  const { source, prefix: strippedPrefix } = withoutWrappers(given);
  const format = formatOf(source, options);
  const fileClassCount = classCountOf(source, nameMap(format, modelOf(ANY_CLASS_COUNT)));
  const classCount = options.classCount ?? fileClassCount;
  if (classCount === undefined || classCount < 1 || classCount > CLASS_COUNT_MAX) {
    throw invalid(
      path,
      classCount === undefined
        ? 'has no classifier to tell the number of classes from: ' +
            (options.purpose === 'import'
              ? 'say it with --classes'
              : 'crescendo import gives it one, with --classes')
        : `has a classifier of ${classCount} classes; 1 to ${CLASS_COUNT_MAX} are possible`,
    );
  }
  const network = modelOf(classCount);
  const map = nameMap(format, network);
  const isClassifierReplaced = fileClassCount !== undefined && fileClassCount !== classCount;
  const matched = match(source, map, options, isClassifierReplaced);
  refuse(options, network, format, matched);
  const initial = new Map(network.parameters.map((one) => [one.name, one]));
  const tensors = map.mappings.map((mapping): NamedTensor => {
    const { ours: name, shape } = mapping;
    const stored = matched.found.get(name);
    if (stored !== undefined) return { name, shape, values: valuesOf(mapping, stored) };
    const parameter = initial.get(name);
    if (parameter !== undefined)
      return { name, shape, values: initialValues(parameter, options.seed) };
    return { name, shape, values: initialStatistic(name, shape[0] as number) };
  });
  refuseNonFinite(path, tensors, matched.found);
  return {
    network,
    tensors,
    report: {
      format,
      container: source.container,
      model: network.name,
      classCount,
      strippedPrefix,
      fileClassCount: fileClassCount ?? null,
      tensorCount: tensors.length,
      parameterCount: tensors.reduce((sum, tensor) => sum + tensor.values.length, 0),
      isClassifierReplaced,
      averagedCount: [...matched.found.values()].filter((one) => isAverage(one.name)).length,
      initialized: matched.initialized,
      resized: matched.resized,
      ignored: matched.ignored,
      leftOut: matched.leftOut,
    },
  };
}

/** Without what wrappers of PyTorch put before the name of each tensor. */
function withoutWrappers(source: TensorSource): { source: TensorSource; prefix: string } {
  const names = source.tensors.map(({ name }) => name);
  const next = (begin: number): string | undefined =>
    WRAPPERS.find((wrapper) => names.every((name) => name.startsWith(wrapper, begin)));
  let prefix = '';
  for (let found = next(0); names.length > 0 && found !== undefined; found = next(prefix.length)) {
    prefix += found;
  }
  if (prefix === '') return { source, prefix };
  const tensors = source.tensors.map((one) => ({ ...one, name: one.name.slice(prefix.length) }));
  return { source: { ...source, tensors }, prefix };
}

/** The values in this project's layout and shape. */
function valuesOf(mapping: NameMapping, stored: StoredTensor): Float32Array {
  if (isSame(stored.shape, shapeThere(mapping))) return toOurs(mapping, stored.read());
  const shape = shapeHere(mapping, stored.shape) as [number, number, number];
  const [rows, columns] = mapping.shape as [number, number];
  return resizeTable(toOurs({ ...mapping, shape }, stored.read()), shape, rows, columns);
}

/** Whether it is a table of relative bias for another map size, with the same number of heads. */
function isResizable(mapping: NameMapping, stored: StoredTensor): boolean {
  if (!RELATIVE_BIAS.test(mapping.ours) || stored.shape.length !== 3) return false;
  const [rows, columns, heads] = shapeHere(mapping, stored.shape) as [number, number, number];
  const isSide = (side: number): boolean => side % 2 === 1 && side <= TABLE_SIDE_MAX;
  return heads === mapping.shape[2] && isSide(rows) && isSide(columns);
}

function isSame(left: readonly number[], right: readonly number[]): boolean {
  return left.join() === right.join();
}

/** The stated format, if any tensor has its names; otherwise the one that knows most of them. */
function formatOf(source: TensorSource, options: ImportOptions): Format {
  const names = source.tensors.map((tensor) => tensor.name);
  const network = options.modelOf(ANY_CLASS_COUNT);
  const found = detectFormat(network, names);
  const { path, format: stated } = options;
  if (stated !== 'auto') {
    const map = nameMap(stated, network);
    const theirs = new Set(map.mappings.flatMap((mapping) => mapping.theirs));
    if (names.some((name) => theirs.has(map.canonical(name)))) return stated;
    const seems = found === undefined ? 'nor those of any other' : `but those of ${found}`;
    throw invalid(
      path,
      `holds no tensor of ${network.name} under the names of ${stated}, ${seems}: check --format ` +
        `and --model; it has ${names.length} tensors: ${listed(names)}`,
    );
  }
  if (found !== undefined) return found;
  throw invalid(
    path,
    `holds no tensor of ${network.name} under the names of any known format; it has ` +
      `${names.length} tensors: ${listed(names)}`,
  );
}

function classCountOf(source: TensorSource, map: NameMap): number | undefined {
  const bias = defined(
    map.mappings.find((mapping) => mapping.ours === CLASSIFIER_BIAS),
    CLASSIFIER_BIAS,
  );
  const found = source.tensors.find((tensor) => bias.theirs.includes(map.canonical(tensor.name)));
  return found?.shape.length === 1 ? found.shape[0] : undefined;
}

interface Match {
  /** Found tensors by this project's names. */
  readonly found: Map<string, StoredTensor>;
  readonly missing: string[];
  readonly misshapen: string[];
  readonly extra: string[];
  readonly initialized: string[];
  readonly resized: string[];
  readonly ignored: string[];
  readonly leftOut: string[];
}

function match(
  source: TensorSource,
  map: NameMap,
  options: ImportOptions,
  isClassifierReplaced: boolean,
): Match {
  const byName = canonicalNames(source, map, options.path);
  const [result, used] = [emptyMatch(), new Set<string>()];
  const mayMiss = matcher(options.allowMissing);
  for (const mapping of map.mappings) {
    const { ours, theirs } = mapping;
    for (const name of theirs) used.add(name);
    const stored = theirs.map((name) => byName.get(name)).find((one) => one !== undefined);
    const expected = shapeThere(mapping);
    if (isClassifierReplaced && CLASSIFIER.includes(ours)) {
      result.initialized.push(ours);
    } else if (stored?.isFloat === true && isSame(stored.shape, expected)) {
      result.found.set(ours, stored);
    } else if (
      options.purpose === 'import' &&
      stored?.isFloat === true &&
      isResizable(mapping, stored)
    ) {
      result.found.set(ours, stored);
      result.resized.push(ours);
    } else if (mayMiss(ours)) {
      result.initialized.push(ours);
    } else if (stored === undefined) {
      const isNamedAlike = theirs.length === 1 && theirs[0] === ours;
      result.missing.push(isNamedAlike ? ours : `${ours} (there ${theirs.join(' or ')})`);
    } else {
      result.misshapen.push(
        `${stored.name} is ${stored.type} [${stored.shape.join(', ')}], ` +
          `${stored.name === ours ? 'the model' : ours} needs [${expected.join(', ')}]`,
      );
    }
  }
  const mayBeExtra = matcher(options.allowExtra);
  for (const [name, stored] of byName) {
    if (used.has(name)) continue;
    if (!stored.isFloat || map.isIgnored(name)) result.ignored.push(stored.name);
    else (mayBeExtra(stored.name) ? result.leftOut : result.extra).push(stored.name);
  }
  return result;
}

function emptyMatch(): Match {
  return {
    found: new Map(),
    missing: [],
    misshapen: [],
    extra: [],
    initialized: [],
    resized: [],
    ignored: [],
    leftOut: [],
  };
}

function canonicalNames(
  source: TensorSource,
  map: NameMap,
  path: string,
): Map<string, StoredTensor> {
  const byName = new Map<string, StoredTensor>();
  for (const tensor of source.tensors) {
    const name = map.canonical(tensor.name);
    const other = byName.get(name);
    if (other !== undefined) {
      throw invalid(path, `has two tensors for ${name}: ${other.name} and ${tensor.name}`);
    }
    byName.set(name, tensor);
  }
  return byName;
}

/** @throws CRESCENDO_WEIGHTS_INVALID if anything does not fit */
function refuse(
  { path, purpose }: ImportOptions,
  network: Network,
  format: Format,
  matched: Match,
): void {
  const { missing, misshapen, extra } = matched;
  const problems = [
    ...(missing.length > 0 ? [`${missing.length} missing: ${listed(missing)}`] : []),
    ...(misshapen.length > 0 ? [`${misshapen.length} of other shape: ${listed(misshapen)}`] : []),
    ...(extra.length > 0 ? [`${extra.length} not of the model: ${listed(extra)}`] : []),
  ];
  if (problems.length === 0) return;
  throw invalid(
    path,
    `does not fit ${network.name} with ${network.classCount} classes (format ${format}):\n` +
      problems.map((problem) => `  ${problem}\n`).join('') +
      (purpose === 'import'
        ? 'check --model and --format; --allow-missing and --allow-extra let through what they name'
        : 'give the model of these weights; crescendo import can let some of it through'),
  );
}

/** Refuses tensors that are not finite, by the file's names. */
function refuseNonFinite(
  path: string,
  tensors: readonly NamedTensor[],
  found: ReadonlyMap<string, StoredTensor>,
): void {
  const wrong = tensors.filter(({ values }) => !values.every(Number.isFinite));
  if (wrong.length === 0) return;
  const names = wrong.map(({ name }) => found.get(name)?.name ?? name);
  throw invalid(
    path,
    `has values that are not finite in ${wrong.length} of ${tensors.length} tensors: ` +
      `${listed(names)}; such weights predict nothing: use a file from before training diverged`,
  );
}

function initialStatistic(name: string, channels: number): Float32Array {
  return new Float32Array(channels).fill(name.endsWith('variance') ? 1 : 0);
}

function isAverage(name: string): boolean {
  return name.endsWith('/ExponentialMovingAverage');
}

/** Whether a name matches one of the patterns, in which * stands for any text. */
function matcher(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`);
  });
  return (name) => expressions.some((expression) => expression.test(name));
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMES_LISTED_MAX;
  const shown = names.slice(0, NAMES_LISTED_MAX).join(', ');
  return more > 0 ? `${shown}, and ${more} more` : shown;
}

function invalid(path: string, what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_WEIGHTS_INVALID', `${path} ${what}`);
}
