/**
 * Scenario transcripts: a script of what is done to a cluster, each command followed by what the
 * cluster then did. Lines of a script file:
 *
 *   # comment
 *   > command words      one of COMMANDS below
 *     output             what happened, by the millisecond of the virtual clock
 */
import { sumOfBytes } from './checksum.ts';
import { SimulatedCluster } from '../../lib/simulator/cluster.ts';
import { MemoryStorage } from '../../lib/simulator/run-storage.ts';
import { transcribe } from '../../lib/simulator/transcript.ts';
import type { SimulatedWorker } from '../../lib/simulator/worker.ts';
import { aRun } from './engines.ts';

const LIMIT_MS = 3_600_000;

/** Runs a script. @returns the same script with what happens now as its output */
export function replay(script: string): string {
  const scenario = new Scenario();
  const lines: string[] = [];
  for (const line of script.split('\n')) {
    if (line.startsWith('  ')) continue;
    lines.push(line);
    if (line.startsWith('> ')) lines.push(...scenario.do(line.slice(2)).map((text) => `  ${text}`));
  }
  return lines.join('\n');
}

type Command = (words: readonly string[]) => void;

class Scenario {
  #cluster: SimulatedCluster | undefined;
  #output: string[] = [];
  readonly #commands: ReadonlyMap<string, Command> = new Map<string, Command>([
    ['run', (words) => this.#run(words)],
    ['join', ([name = '', ...words]) => this.#join(name, words)],
    ['kill', ([name = '']) => this.#worker(name).kill()],
    ['drain', ([name = '']) => this.#worker(name).drain()],
    ['freeze', ([name = '']) => this.#worker(name).process.freeze()],
    ['thaw', ([name = '']) => this.#worker(name).process.thaw()],
    ['slow', ([name = '', by = '1']) => this.#worker(name).process.slow(Number(by))],
    ['hang', ([name = '']) => this.#worker(name).process.slow(Infinity)],
    ['reset', ([name = '']) => this.#worker(name).reset()],
    ['cut', ([name = '']) => this.#worker(name).cut()],
    ['heal', ([name = '']) => this.#worker(name).heal()],
    ['block', ([from = '', to = '']) => this.#running.block(from, to)],
    ['unblock', ([from = '', to = '']) => this.#running.unblock(from, to)],
    ['break', ([from = '', to = '']) => this.#running.breakLink(from, to)],
    ['kill-coordinator', () => this.#running.killCoordinator(false)],
    ['start-coordinator', () => this.#running.restartCoordinator()],
    ['fill-disk', () => void (this.#memory.checkpoints.isFull = true)],
    ['free-disk', () => void (this.#memory.checkpoints.isFull = false)],
    ['damage-checkpoints', () => this.#memory.checkpoints.damage()],
    ['stop', (words) => this.#running.stop(words.join(' '))],
    ['advance', ([ms = '0']) => this.#running.clock.advance(Number(ms))],
    ['until', ([what = '', count = '0']) => this.#until(what, Number(count))],
    ['status', () => this.#status()],
    ['weights', () => this.#weights()],
  ]);

  /** @returns what it led to, a line each */
  do(line: string): string[] {
    this.#output = [];
    const [name = '', ...words] = line.split(' ');
    const command = this.#commands.get(name);
    if (command === undefined) {
      throw new Error(`"${name}" is no command; known: ${[...this.#commands.keys()].join(', ')}`);
    }
    command(words);
    return this.#output;
  }

  get #running(): SimulatedCluster {
    if (this.#cluster === undefined) throw new Error('a script begins with "> run"');
    return this.#cluster;
  }

  get #memory(): MemoryStorage {
    const { storage } = this.#running;
    if (storage instanceof MemoryStorage) return storage;
    throw new Error('the run of a script is kept in memory');
  }

  #worker(name: string): SimulatedWorker {
    return this.#running.worker(name);
  }

  /**
   * run [steps=6] [min=2] [micro-batches=4] [phases=1] [validation=0] [inner=0] [audit=0] [sharded]
   * [compression=…]
   */
  #run(words: readonly string[]): void {
    const settings = new Map(words.map((word) => word.split('=') as [string, string]));
    const count = (key: string, otherwise: number): number =>
      Number(settings.get(key) ?? otherwise);
    const run = aRun({
      batch: { globalSize: 8 * count('micro-batches', 4), microBatches: count('micro-batches', 4) },
      training: {
        steps: count('steps', 6),
        audit: count('audit', 0),
        optimizer: { sharded: words.includes('sharded') },
        localSgd: { innerSteps: count('inner', 0) },
        learningRate: { peak: 0.5, decay: 'constant', warmupEpochs: 0 },
      },
      schedule: {
        phases: count('phases', 1),
        imageSizePx: { min: 16, max: 16 * count('phases', 1) },
      },
      evaluation: { atPhaseEnd: count('phases', 1) > 1 },
      communication: { compression: settings.get('compression') ?? 'float32' },
      cluster: { minWorkers: count('min', 2) },
    });
    this.#cluster = new SimulatedCluster(
      { run, trainSampleCount: 640, validationSampleCount: count('validation', 0) },
      { listener: transcribe((text) => this.#say(text)) },
    );
  }

  /**
   * join NAME [on MACHINE] [biased] [wrong-in STEP] [flips-bit-in STEP] [infinite MICRO-BATCH]
   * [slow FACTOR]
   */
  #join(name: string, words: readonly string[]): void {
    const after = (word: string): string | undefined => {
      const at = words.indexOf(word);
      return at < 0 ? undefined : words[at + 1];
    };
    const infinite = after('infinite');
    const wrong = after('wrong-in');
    const flips = after('flips-bit-in');
    this.#running.join(name, after('on') ?? name, {
      gradientBias: words.includes('biased') ? 1 : 0,
      flipsBitIn: flips === undefined ? undefined : Number(flips),
      wrongSumIn: wrong === undefined ? undefined : Number(wrong),
      isNonfinite: (_, microBatch) => infinite !== undefined && microBatch === Number(infinite),
    });
    this.#worker(name).process.slow(Number(after('slow') ?? 1));
  }

  #until(what: string, count: number): void {
    const cluster = this.#running;
    const conditions: Readonly<Record<string, () => boolean>> = {
      committed: () => cluster.coordinator.status().committedSteps >= count,
      generation: () => cluster.coordinator.status().generation >= count,
      working: () => cluster.coordinator.status().status === 'working',
      evaluation: () => cluster.coordinator.status().task === 'evaluation',
      finish: () => cluster.coordinator.status().task === 'finish',
      'finish-saved': () => cluster.coordinator.status().task === 'checkpoint',
      ended: () => cluster.outcome !== undefined,
    };
    const condition = conditions[what];
    if (condition === undefined) {
      throw new Error(`until "${what}"? known: ${Object.keys(conditions).join(', ')}`);
    }
    cluster.until(condition, LIMIT_MS);
    // What is on its way arrives.
    if (what === 'ended') cluster.clock.advance(50);
  }

  #status(): void {
    const { status, reason, generation, committedSteps } = this.#running.coordinator.status();
    this.#output.push(`${status} in g${generation}, ${committedSteps} committed: ${reason}`);
  }

  #weights(): void {
    for (const { name, weights } of this.#running.workers) {
      this.#output.push(`${name} has ${sumOfBytes(weights)}`);
    }
  }

  #say(text: string): void {
    const ms = this.#cluster === undefined ? 0 : this.#cluster.clock.now();
    this.#output.push(`${String(ms).padStart(5)} ${text}`);
  }
}
