/** Reads and checks run files; every problem is listed with its key, value and bound. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { parseDocument } from 'yaml';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { sha256OfFile } from './file-hash.ts';
import { eachKnob } from './phase-knobs.ts';
import { isLossy, type EngineConfig, type ModelConfig, type RunConfig } from './run-config.ts';
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
 * @param mayLack whether the images and the initial weights need not be there, as for a plan
 * @throws CRESCENDO_CONFIG_INVALID listing every problem
 */
export function parseRunFile(path: string, mayLack = false): RunConfig {
  const run = parseRunText(readRunFile(path), path);
  return withInitialWeights(withDatasetPath(run, path, mayLack), path, mayLack);
}

/**
 * A run of what a run file would hold.
 * @param path of the run file as if there were one: the folder of its relative paths, and its name
 * @throws CRESCENDO_CONFIG_INVALID listing every problem
 */
export function parseRun(content: object, path: string): RunConfig {
  const run = parseRunText(JSON.stringify(content), path);
  return withInitialWeights(withDatasetPath(run, path, false), path, false);
}

/**
 * A run whose own weights are evaluated: what it started from need not be here.
 * @throws CRESCENDO_CONFIG_INVALID listing every problem
 */
export function parseTrainedRunFile(path: string): RunConfig {
  const run = withDatasetPath(parseRunText(readRunFile(path), path), path, false);
  delete (run as { initialWeights?: string }).initialWeights;
  delete (run as { initialWeightsSha256?: string }).initialWeightsSha256;
  return run;
}

function withDatasetPath(run: RunConfig, runFile: string, mayLack: boolean): RunConfig {
  if (run.dataset.path === undefined) return run;
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
 * With the file's content hash, by which all workers know that they start from the same weights.
 * config.json of a run has it already, so that the file can be told to be another one by then.
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

/** The model of a run file, whose dataset need not be here. @throws CRESCENDO_CONFIG_INVALID */
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

/** A model as a run file that only names it has it. @throws CRESCENDO_CONFIG_INVALID */
export function defaultModelConfig(name: string): ModelConfig {
  return parseRunText(JSON.stringify({ model: { name } }), name).model;
}

/** @param name what to call the text in errors @throws CRESCENDO_CONFIG_INVALID */
export function parseRunText(text: string, name: string): RunConfig {
  const document = parseDocument(text, { uniqueKeys: true });
  const syntax = document.errors.map((error) => error.message.split('\n')[0] ?? '');
  if (syntax.length > 0) throw invalid(name, syntax);
  const content: unknown = document.toJS({ maxAliasCount: 10 });
  if (!validate(content)) throw invalid(name, (validate.errors ?? []).flatMap(describeProblem));
  const run = content as unknown as RunConfig;
  const problems = crossChecks(run);
  if (problems.length > 0) throw invalid(name, problems);
  return run;
}

function crossChecks(run: RunConfig): string[] {
  const problems: string[] = [];
  const { globalSize, microBatches } = run.batch;
  if (globalSize % microBatches !== 0) {
    problems.push(
      `batch.microBatches: ${microBatches} does not divide batch.globalSize (${globalSize})`,
    );
  }
  const ranges = eachKnob((knob) => run.schedule[knob]);
  for (const [key, { min, max }] of Object.entries(ranges)) {
    if (min > max) problems.push(`schedule.${key}: min (${min}) is above max (${max})`);
  }
  if (run.initialWeightsSha256 !== undefined && run.initialWeights === undefined) {
    problems.push('initialWeights: is missing; initialWeightsSha256 is the hash of that file');
  }
  if (run.dataset.name === 'image-folder' && run.dataset.path === undefined) {
    problems.push('dataset.path: is missing; an image-folder dataset needs its folder');
  }
  const { peak, minimum, warmupEpochs, warmupSteps } = run.training.learningRate;
  if (minimum > peak) {
    problems.push(`training.learningRate.minimum: ${minimum} is above the peak (${peak})`);
  }
  if (warmupEpochs > 0 && warmupSteps > 0) {
    problems.push(
      'training.learningRate.warmupSteps: warmupEpochs is given too; give one of the two',
    );
  }
  problems.push(...engineProblems(run.engine), ...compressionProblems(run));
  problems.push(...shardingProblems(run));
  const { heartbeatIntervalMs, heartbeatTimeoutMs } = run.cluster;
  if (heartbeatTimeoutMs < 2 * heartbeatIntervalMs) {
    problems.push(
      `cluster.heartbeatTimeoutMs: ${heartbeatTimeoutMs} is below twice ` +
        `cluster.heartbeatIntervalMs (${heartbeatIntervalMs})`,
    );
  }
  return problems;
}

/** Lossy compression keep what a step left out, for the next one to add. */
function compressionProblems({ communication, training, engine }: RunConfig): string[] {
  const { compression, allowed } = communication;
  const problems: string[] = [];
  if (compression === 'auto' && allowed[0] !== 'float32') {
    problems.push(
      `communication.allowed: begins with ${String(allowed[0])}; auto begins with float32, ` +
        'and steps back to it',
    );
  }
  if (compression === 'auto' && allowed.indexOf('int8') > 1) {
    problems.push(
      `communication.allowed: [${allowed.join(', ')}] names int8 behind less exact compressions: ` +
        'put it right behind float32',
    );
  }
  if (compression !== 'auto' && !isLossy(compression)) return problems;
  if (training.localSgd.innerSteps > 0) {
    problems.push(
      `communication.compression: ${compression} does not go with training.localSgd ` +
        `(innerSteps is ${training.localSgd.innerSteps}); use float32, bfloat16 or float16`,
    );
  }
  if (engine.precision === 'float16') {
    problems.push(
      `communication.compression: ${compression} does not go with engine.precision float16, ` +
        'whose loss scale changes from step to step; use float32, bfloat16 or float16',
    );
  }
  return problems;
}

/** Owners step their part of the weights by the exact sum of all, in every step. */
function shardingProblems({ communication, training }: RunConfig): string[] {
  const { optimizer, localSgd } = training;
  if (!optimizer.sharded) return [];
  const problems: string[] = [];
  if (optimizer.name === 'lamb') {
    problems.push(
      'training.optimizer.sharded: true does not go with lamb, which needs norms of whole ' +
        'parameters; use adamw, or sharded: false',
    );
  }
  if (localSgd.innerSteps > 0) {
    problems.push(
      'training.optimizer.sharded: true does not go with training.localSgd ' +
        `(innerSteps is ${localSgd.innerSteps}), where each worker steps all weights by itself`,
    );
  }
  if (communication.compression === 'auto' || isLossy(communication.compression)) {
    problems.push(
      'training.optimizer.sharded: true does not go with communication.compression ' +
        `${communication.compression}; use ` +
        'float32, bfloat16 or float16',
    );
  }
  return problems;
}

/** What this engine would ignore. */
export function engineProblems({ name, precision, xla }: EngineConfig): string[] {
  if (name !== 'js') return [];
  return [
    ...(xla ? ['engine.xla: true is for the tensorflow engine; js has no XLA'] : []),
    ...(precision === 'float32'
      ? []
      : [`engine.precision: ${precision} is for the tensorflow engine; js computes in float32`]),
  ];
}

function invalid(name: string, problems: readonly string[]): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `${name} is not a valid run file:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
  );
}
