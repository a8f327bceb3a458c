/**
 * The numbers that workers say, checked once where their messages come in: observers and the core
 * rely on them. The types make sure that each number of each message has a rule. Pure.
 */
import { CrescendoError } from '../../lib/base/errors.ts';
import { EVALUATION_BATCH_SAMPLES } from '../../lib/run/plan.ts';
import type {
  BadSamples,
  EvaluationBatch,
  StepReduced,
  WorkerMessage,
} from '../../proto/generated/messages.ts';
import {
  BAD_SAMPLES_NAMED_MAX,
  UNREADABLE_CHARACTERS_MAX,
  UNREADABLE_NAME_CHARACTERS_MAX,
  UNREADABLE_NAMED_MAX,
  WORKERS_MAX,
} from '../../proto/limits.ts';

/** What one number may be. */
interface Rule {
  /** In words, such as "a whole number in 0 to 10". */
  readonly what: string;
  readonly holds: (value: number) => boolean;
}

/** Rules for what a field holds; none for what is not a number. */
type RulesFor<Value> = Value extends number
  ? Rule
  : Value extends string | boolean | Uint8Array | null | undefined
    ? never
    : Value extends readonly (infer Element)[]
      ? RulesFor<Element>
      : {
          readonly [
            Key in keyof Value as RulesFor<Value[Key]> extends never ? never : Key
          ]: RulesFor<Value[Key]>;
        };

type Rules = Rule | { readonly [key: string]: Rules };

const SECONDS_MAX = 1e9;
/** Largest finite float32, as sums are. */
const FLOAT32_MAX = 3.5e38;

function whole(max: number): Rule {
  return {
    what: `a whole number in 0 to ${max}`,
    holds: (value) => Number.isInteger(value) && value >= 0 && value <= max,
  };
}

function within(min: number, max: number): Rule {
  return {
    what: `a number in ${min} to ${max}`,
    holds: (value) => value >= min && value <= max,
  };
}

const COUNT = whole(2 ** 32 - 1);
const BYTES = whole(Number.MAX_SAFE_INTEGER);
const SLOT = whole(WORKERS_MAX - 1);
const SAMPLES = whole(EVALUATION_BATCH_SAMPLES);
const SECONDS = within(0, SECONDS_MAX);
/** NaN where it was not measured; rounding may take it a little past one. */
const SIMILARITY: Rule = {
  what: 'NaN or a number in -1.01 to 1.01',
  holds: (value) => Number.isNaN(value) || Math.abs(value) <= 1.01,
};
/** Not finite in a step that is skipped; who uses it looks. */
const NORM: Rule = {
  what: 'NaN or a number from 0 on',
  holds: (value) => Number.isNaN(value) || value >= 0,
};
/** Weights that have diverged give any loss. */
const LOSS: Rule = { what: 'a number', holds: (value) => typeof value === 'number' };
const SUM: Rule = { ...LOSS, what: 'a sum of float32' };
const EVALUATION_BATCH: RulesFor<EvaluationBatch> = {
  index: COUNT,
  sampleCount: SAMPLES,
  top1Count: SAMPLES,
  top5Count: SAMPLES,
  lossSum: LOSS,
  emaTop1Count: SAMPLES,
  emaTop5Count: SAMPLES,
  emaLossSum: LOSS,
  unreadableCount: SAMPLES,
};

const RULES: { readonly [M in WorkerMessage as M['kind']]: RulesFor<M> } = {
  hello: { protocolVersion: COUNT, processId: COUNT, slot: SLOT },
  prepared: {
    totalElements: BYTES,
    stateElements: BYTES,
    held: {
      history: COUNT,
      appliedSteps: COUNT,
      reducedSteps: COUNT,
      reducedChecksum: COUNT,
      shardGenerations: COUNT,
    },
    dataset: { trainSampleCount: COUNT, validationSampleCount: COUNT, classCount: COUNT },
  },
  linksReady: { generation: COUNT, unreachableSlots: SLOT },
  heartbeat: {
    generation: COUNT,
    tensorCount: COUNT,
    tensorBytes: BYTES,
    allReduceBytesSent: BYTES,
    step: COUNT,
    waitingForSlots: SLOT,
    progress: COUNT,
    attempt: COUNT,
    unbegunMicroBatches: COUNT,
  },
  stepReduced: {
    generation: COUNT,
    step: COUNT,
    attempt: COUNT,
    checksum: COUNT,
    lossSum: SUM,
    correctCount: SUM,
    sampleCount: SUM,
    nonfiniteCount: within(0, FLOAT32_MAX),
    computeSeconds: SECONDS,
    allReduceSeconds: SECONDS,
    samplesComputed: COUNT,
    gradientNorm: NORM,
    applySeconds: SECONDS,
    allReduceBytesSent: BYTES,
    nonfinite: { step: COUNT, microBatch: COUNT },
    gradientChecksums: { microBatch: COUNT, checksum: COUNT },
    allReducePayloadBytes: BYTES,
    compressionSeconds: SECONDS,
    overlapSeconds: SECONDS,
    cosineSimilarity: SIMILARITY,
    inputSeconds: SECONDS,
  },
  evaluationDone: { generation: COUNT, evaluation: COUNT, batches: EVALUATION_BATCH },
  finished: { generation: COUNT },
  stateBlock: { generation: COUNT, committedSteps: COUNT, index: COUNT, begin: COUNT },
  blockRequest: { generation: COUNT, index: COUNT, begin: COUNT, end: COUNT },
  stateHeld: { generation: COUNT },
  badSamples: { samples: { index: COUNT } },
  failure: {},
  drainRequest: {},
};

const RULES_BY_KIND: ReadonlyMap<string, Rules> = new Map<string, Rules>(Object.entries(RULES));

/** What the sums of a step are that is not skipped. */
const FINITE_SUMS: Rules = {
  lossSum: within(-FLOAT32_MAX, FLOAT32_MAX),
  correctCount: within(0, FLOAT32_MAX),
  sampleCount: within(0, FLOAT32_MAX),
};

/** @throws CRESCENDO_PROTOCOL_INVALID for a number that nobody could work with */
export function checkNumbers(message: WorkerMessage): void {
  check(message, RULES_BY_KIND.get(message.kind) ?? {}, message.kind);
  if (message.kind === 'stepReduced') checkSums(message);
  if (message.kind === 'badSamples') checkBadSamples(message);
  if (message.kind !== 'evaluationDone') return;
  for (const batch of message.batches) {
    const { unreadable, index } = batch;
    const longest = Math.max(0, ...unreadable.map(({ length }) => length));
    if (unreadable.length > UNREADABLE_NAMED_MAX || longest > UNREADABLE_CHARACTERS_MAX) {
      throw invalid(
        `batch ${index} names ${unreadable.length} unreadable images in up to ${longest} ` +
          `characters; the limits are ${UNREADABLE_NAMED_MAX} and ${UNREADABLE_CHARACTERS_MAX}`,
      );
    }
  }
}

function checkBadSamples({ samples }: BadSamples): void {
  const texts = samples.flatMap(({ name, reason }) => [name.length, reason.length]);
  const longest = Math.max(0, ...texts);
  if (samples.length > BAD_SAMPLES_NAMED_MAX || longest > UNREADABLE_NAME_CHARACTERS_MAX) {
    throw invalid(
      `${samples.length} bad samples in up to ${longest} characters; the limits are ` +
        `${BAD_SAMPLES_NAMED_MAX} and ${UNREADABLE_NAME_CHARACTERS_MAX}`,
    );
  }
}

/** A step in which something was not finite is skipped, whatever its sums are. */
function checkSums(report: StepReduced): void {
  if (report.nonfiniteCount === 0) check(report, FINITE_SUMS, report.kind);
}

function check(value: unknown, rules: Rules, path: string): void {
  if (Array.isArray(value)) {
    for (const one of value) check(one, rules, path);
  } else if (isRule(rules)) {
    if (typeof value === 'number' && rules.holds(value)) return;
    throw invalid(`${path} is ${String(value)}; it must be ${rules.what}`);
  } else {
    for (const [key, inner] of Object.entries(rules)) {
      check((value as Readonly<Record<string, unknown>>)[key], inner, `${path}.${key}`);
    }
  }
}

function isRule(rules: Rules): rules is Rule {
  return typeof rules['holds'] === 'function';
}

function invalid(problem: string): CrescendoError {
  return new CrescendoError('CRESCENDO_PROTOCOL_INVALID', problem);
}
