/**
 * npm run -s chaos -- [--json] [--only NAME] [--quick] [--engine tensorflow|js] [--list]
 * Disturbs real processes of the built command, one case after the other. Each ends with the bytes
 * of the undisturbed run, or with a documented error and a recent checkpoint. Exit code 1: one did
 * not.
 */
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { runCommand } from '../support/processes.ts';
import type { CaseEnd, ChaosCase } from './case.ts';
import { writeChaosRun, type EngineName } from './chaos-run.ts';
import { LINK_CASES } from './link-cases.ts';
import { MATRIX } from './matrix.ts';
import { RUN_CASES } from './run-cases.ts';
import { Stage } from './stage.ts';

/** After which a case has failed. */
const CASE_MS_MAX = 180_000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface CaseResult {
  readonly name: string;
  readonly outcome: CaseEnd['outcome'] | 'failed' | 'skipped';
  readonly seconds: number;
  /** Null where nothing had to recover. */
  readonly recoverySeconds: number | null;
  readonly medianStepSeconds: number | null;
  readonly detail: string;
}

const CASES: readonly ChaosCase[] = [...MATRIX, ...LINK_CASES, ...RUN_CASES];

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    engine: { type: 'string', default: 'tensorflow' },
  },
});

function chosen(): readonly ChaosCase[] {
  const { only, quick } = flags;
  const cases = CASES.filter(({ name, isQuick }) =>
    only === undefined ? isQuick || !quick : name.includes(only),
  );
  if (cases.length > 0) return cases;
  throw new Error(`no case ${only ?? ''}: --list shows their names`);
}

/** SHA-256 of the weights where nothing happens. */
async function undisturbed(engine: EngineName): Promise<string> {
  const stage = openStage();
  try {
    const file = writeChaosRun(stage.folder, engine);
    const args = ['train', file, '--workers', '2', '--runs', `${stage.folder}/runs`, '--json'];
    const { exitCode, stdout, stderr } = await runCommand(stage, args);
    if (exitCode !== 0) throw new Error(`the undisturbed run failed:\n${stderr}`);
    return (JSON.parse(stdout) as RunSummary).weightsSha256;
  } finally {
    stage.end();
  }
}

async function resultOf(one: ChaosCase, engine: EngineName, expected: string): Promise<CaseResult> {
  const { name, skipReason } = one;
  const nothing = { name, seconds: 0, recoverySeconds: null, medianStepSeconds: null };
  if (skipReason !== undefined) return { ...nothing, outcome: 'skipped', detail: skipReason };
  const stage = openStage();
  const startMs = performance.now();
  const secondsNow = (): number => rounded((performance.now() - startMs) / 1000);
  try {
    const end = await Promise.race([one.run({ stage, engine, expected }), tooLong()]);
    const { outcome, detail, recoverySeconds, medianStepSeconds } = end;
    return {
      name,
      outcome,
      seconds: secondsNow(),
      recoverySeconds: recoverySeconds === undefined ? null : rounded(recoverySeconds),
      medianStepSeconds: medianStepSeconds === undefined ? null : rounded(medianStepSeconds),
      detail,
    };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    console.error(stage.logs());
    return { ...nothing, outcome: 'failed', seconds: secondsNow(), detail };
  } finally {
    stage.end();
  }
}

/** One that ends too when this process is asked to end. */
function openStage(): Stage {
  const stage = new Stage();
  const leave = (): void => {
    stage.end();
    process.exit(1);
  };
  for (const signal of SIGNALS) process.once(signal, leave);
  stage.after(() => {
    for (const signal of SIGNALS) process.off(signal, leave);
  });
  return stage;
}

async function tooLong(): Promise<never> {
  await pause(CASE_MS_MAX, undefined, { ref: false });
  throw new Error(`it did not end within ${CASE_MS_MAX / 1000} s`);
}

/** What of the results says how long a run takes to go on; without the cases that were not run. */
function measurements(results: readonly CaseResult[]): object {
  const of = (wanted: string): Partial<CaseResult> =>
    results.find(({ name }) => name === wanted) ?? {};
  const worker = of('worker-kill-in-step');
  return {
    medianStepSeconds: worker.medianStepSeconds,
    workerKillToNextStepSeconds: worker.recoverySeconds,
    coordinatorRestartToNextStepSeconds: of('coordinator-kill-in-step').recoverySeconds,
    resumeToNextStepSeconds: of('everything-kill-in-step').recoverySeconds,
  };
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function lineOf({ name, outcome, seconds, recoverySeconds, detail }: CaseResult): string {
  const recovery = recoverySeconds === null ? '' : `, recovered in ${recoverySeconds} s`;
  return `${outcome.padEnd(16)} ${name} (${seconds} s${recovery}): ${detail}`;
}

async function main(): Promise<void> {
  const engine = flags.engine === 'js' ? 'js' : 'tensorflow';
  const expected = await undisturbed(engine);
  const results: CaseResult[] = [];
  for (const one of chosen()) {
    const result = await resultOf(one, engine, expected);
    results.push(result);
    (flags.json ? console.error : console.log)(lineOf(result));
  }
  const count = (...outcomes: readonly string[]): number =>
    results.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const passed = count('same-bytes', 'documented-error');
  const failed = count('failed');
  const skipped = count('skipped');
  const processor = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`;
  if (flags.json) {
    const counts = { passed, failed, skipped };
    const measured = measurements(results);
    console.log(JSON.stringify({ cases: results, ...counts, processor, engine, measured }));
  } else console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
}

if (flags.list) for (const { name } of CASES) console.log(name);
else await main();
