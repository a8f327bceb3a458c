/**
 * `npm run -s sim`: runs seeds of fault plans, or tells what happens in one. Exit codes: 0 nothing
 * was found, 1 something was, 2 wrong use.
 */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { SimulatedCluster } from '../cluster.ts';
import { transcribe } from '../transcript.ts';
import { executePlan, type RunReport } from './execute.ts';
import { TOLERATED } from './mixes.ts';
import type { FaultPlan } from './plan.ts';
import { runSeeds, type SeedRange } from './pool.ts';
import { planOf, type SeedResult } from './seed-run.ts';

const SEED_MAX = 2 ** 32 - 1;
const THREADS = 2;

interface Flags {
  readonly seeds?: SeedRange;
  readonly seed?: number;
  readonly plan?: string;
  readonly threads: number;
  readonly json?: boolean;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= SEED_MAX) return value;
  throw new InvalidArgumentError(`a whole number from 0 to ${SEED_MAX}.`);
}

function range(text: string): SeedRange {
  const [first = '', last = first, ...others] = text.split('..');
  const seeds = { first: wholeNumber(first), last: wholeNumber(last) };
  if (others.length === 0 && seeds.first <= seeds.last) return seeds;
  throw new InvalidArgumentError('two numbers, such as 1..100.');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Tells what happens in a run, by the millisecond. */
function tell(plan: FaultPlan): RunReport {
  let cluster: SimulatedCluster | undefined;
  const sayNow = (text: string): void => {
    say(`${String(cluster?.clock.now() ?? 0).padStart(8)} ${text}`);
  };
  say(JSON.stringify(plan.settings));
  const report = executePlan(plan, {
    tolerated: TOLERATED,
    listener: transcribe(sayNow),
    onMade: (made) => {
      cluster = made;
    },
    onFault: (fault) => {
      sayNow(`fault ${JSON.stringify(fault)}`);
    },
    onViolation: ({ checker, text }) => {
      sayNow(`VIOLATION of ${checker}: ${text}`);
    },
  });
  say(`${report.virtualMs} ms, ${report.committedSteps} steps: ${report.ending}`);
  return report;
}

interface Failure {
  readonly seed: number;
  readonly replay: string;
  readonly violations: SeedResult['violations'];
  readonly shrunk: FaultPlan | undefined;
}

/** What many seeds came to. */
class Summary {
  readonly #startMs = performance.now();
  readonly #failures: Failure[] = [];
  readonly #perKind: Record<string, number> = {};
  #seeds = 0;
  #virtualMs = 0;
  #committedSteps = 0;

  add({ seed, violations, shrunk, faults, virtualMs, committedSteps }: SeedResult): void {
    this.#seeds++;
    this.#virtualMs += virtualMs;
    this.#committedSteps += committedSteps;
    for (const [kind, count] of Object.entries(faults)) {
      this.#perKind[kind] = (this.#perKind[kind] ?? 0) + count;
    }
    if (violations.length === 0) return;
    const replay = `npm run -s sim -- --seed ${seed}`;
    this.#failures.push({ seed, replay, violations, shrunk });
  }

  get value(): Readonly<Record<string, unknown>> & { readonly failures: readonly Failure[] } {
    return {
      seeds: this.#seeds,
      faults: Object.values(this.#perKind).reduce((sum, count) => sum + count, 0),
      committedSteps: this.#committedSteps,
      virtualSeconds: Math.round(this.#virtualMs / 1000),
      wallSeconds: Math.round((performance.now() - this.#startMs) / 100) / 10,
      perKind: this.#perKind,
      failures: this.#failures.sort((left, right) => left.seed - right.seed),
    };
  }
}

async function runMany(seeds: SeedRange, { threads, json }: Flags): Promise<number> {
  const summary = new Summary();
  await runSeeds(seeds, threads, (result) => {
    summary.add(result);
    const [first] = result.violations;
    if (json !== true && first !== undefined) {
      say(`seed ${result.seed}: ${first.checker} at ${first.atMs} ms: ${first.text}`);
    }
  });
  const { failures, ...others } = summary.value;
  say(JSON.stringify({ ...others, failures }, undefined, json === true ? undefined : 2));
  return failures.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const program = new Command('sim')
    .description(
      'Run the coordinator, workers and all-reduce with seeded faults on a virtual clock.',
    )
    .option('--seeds <range>', 'seeds to run, such as 1..1000', range)
    .option('--seed <number>', 'tell what happens with one seed', wholeNumber)
    .option('--plan <file>', 'tell what happens with a plan in a JSON file', String)
    .option('--threads <count>', 'threads that run seeds', wholeNumber, THREADS)
    .option('--json', 'print the summary as one line of JSON')
    .addHelpText('after', '\nExample:\n  npm run -s sim -- --seeds 1..1000 --json');
  const flags = program.parse().opts<Flags>();
  if (flags.seeds !== undefined) return runMany(flags.seeds, flags);
  const plan =
    flags.plan === undefined
      ? planOf(flags.seed ?? 1)
      : (JSON.parse(readFileSync(flags.plan, 'utf8')) as FaultPlan);
  return tell(plan).violations.length === 0 ? 0 : 1;
}

process.exitCode = await main();
