/** Reads and checks run files; every problem is listed with its key, value and bound. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { parseDocument } from 'yaml';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { isRemoteUrl } from '../base/remote-url.ts';
import { conflictsIn } from './conflicts.ts';
import { sha256OfFile } from './file-hash.ts';
import type { ModelConfig, RunConfig } from './run-config.ts';
import { fillFromRecipe } from './recipes/registry.ts';
import { RUN_SCHEMA } from './run-schema.ts';
import { describeProblem } from './problems.ts';

const FILE_BYTES_MAX = 1024 * 1024;

const validate = new Ajv({
  allErrors: true,
  useDefaults: true,
  strict: true,
  verbose: true,
}).compile(RUN_SCHEMA);

/**
 * @param mayLack whether the images and the initial weights may be absent, as for a plan
 * @throws CRESCENDO_CONFIG_INVALID listing every problem
 */
export function parseRunFile(path: string, mayLack = false): RunConfig {
  const run = parseRunText(readRunFile(path), path);
  return withInitialWeights(withDatasetPath(run, path, mayLack), path, mayLack);
}

/**
 * A run from what a run file would hold.
 * @param path where the run file would be: relative paths start at its folder, and errors name it
 * @throws CRESCENDO_CONFIG_INVALID listing every problem
 */
export function parseRun(content: object, path: string): RunConfig {
  const run = parseRunText(JSON.stringify(content), path);
  return withInitialWeights(withDatasetPath(run, path, false), path, false);
}

/**
 * A run whose own weights are evaluated: the weights that it started from may be absent.
 * @throws CRESCENDO_CONFIG_INVALID listing every problem
 */
export function parseTrainedRunFile(path: string): RunConfig {
  const run = withDatasetPath(parseRunText(readRunFile(path), path), path, false);
  delete (run as { initialWeights?: string }).initialWeights;
  delete (run as { initialWeightsSha256?: string }).initialWeightsSha256;
  return run;
}

function withDatasetPath(run: RunConfig, runFile: string, mayLack: boolean): RunConfig {
  if (run.dataset.path === undefined || isRemoteUrl(run.dataset.path)) return run;
  const folder = resolve(dirname(runFile), run.dataset.path);
  if (!existsSync(folder) && !mayLack) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `${runFile}: dataset.path: there is no folder ${folder}`,
    );
  }
  return { ...run, dataset: { ...run.dataset, path: folder } };
}

/**
 * Adds the content hash of the file, by which all workers know that they start from the same
 * weights. config.json of a run already has the hash, so a file that has changed since is refused.
 */
function withInitialWeights(run: RunConfig, runFile: string, mayLack: boolean): RunConfig {
  if (run.initialWeights === undefined) return run;
  const initialWeights = resolve(dirname(runFile), run.initialWeights);
  if (!existsSync(initialWeights)) {
    if (mayLack) return { ...run, initialWeights };
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `${runFile}: initialWeights: there is no file ${initialWeights}`,
    );
  }
  const initialWeightsSha256 = sha256OfFile(initialWeights);
  const pinned = run.initialWeightsSha256 ?? initialWeightsSha256;
  if (pinned !== initialWeightsSha256) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `${runFile}: initialWeightsSha256: ${initialWeights} has SHA-256 ${initialWeightsSha256}, ` +
        `not ${pinned}: put the file that is meant there, or remove the key`,
    );
  }
  return { ...run, initialWeights, initialWeightsSha256 };
}

/** The model of a run file, whose dataset may be absent. @throws CRESCENDO_CONFIG_INVALID */
export function parseModelOf(path: string): ModelConfig {
  return parseRunText(readRunFile(path), path).model;
}

function readRunFile(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > FILE_BYTES_MAX) throw new Error(`${size} bytes; at most ${FILE_BYTES_MAX} are read`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `run file ${path} cannot be read (${messageOf(error)}): crescendo init writes one`,
      { cause: error },
    );
  }
}

/** A model with the defaults of a run file that only names it. @throws CRESCENDO_CONFIG_INVALID */
export function defaultModelConfig(name: string): ModelConfig {
  return parseModel({ name }, name);
}

/**
 * A model from what a run file would hold of it.
 * @param source what to call it in errors
 * @throws CRESCENDO_CONFIG_INVALID listing every problem
 */
export function parseModel(model: object, source: string): ModelConfig {
  return parseRunText(JSON.stringify({ model }), source).model;
}

/**
 * @param text YAML or JSON
 * @param name what to call the text in errors
 * @throws CRESCENDO_CONFIG_INVALID listing every problem
 */
export function parseRunText(text: string, name: string): RunConfig {
  const document = parseDocument(text, { uniqueKeys: true });
  const syntax = document.errors.map((error) => error.message.split('\n')[0] ?? '');
  if (syntax.length > 0) throw invalid(name, syntax);
  const content: unknown = document.toJS({ maxAliasCount: 10 });
  fillFromRecipe(content);
  if (!validate(content)) throw invalid(name, (validate.errors ?? []).flatMap(describeProblem));
  const run = content as unknown as RunConfig;
  const problems = conflictsIn(run);
  if (problems.length > 0) throw invalid(name, problems);
  return run;
}

function invalid(name: string, problems: readonly string[]): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `${name} is not a valid run file:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
  );
}
