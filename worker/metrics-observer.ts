/** A worker's own Prometheus metrics; docs/metrics.md lists them. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { WorkerObserver } from './core/ports.ts';

const STEP_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export class WorkerMetrics {
  readonly #registry = new Registry();
  readonly #step = this.#gauge('step', 'Last step this worker holds the sum of, 0-based');
  readonly #tensors = this.#gauge('tensors', 'Tensors alive: grows when something leaks');
  readonly #tensorBytes = this.#gauge('tensor_bytes', 'Bytes of the tensors alive');
  readonly #allReduceMemory = this.#gauge(
    'all_reduce_memory_bytes',
    'Vectors of sums, sums that wait for others, and what links read into',
  );
  readonly #sent = new Counter({
    name: 'crescendo_worker_all_reduce_bytes_total',
    help: 'Bytes sent to peers',
    registers: [this.#registry],
  });
  readonly #shardMemory = this.#gauge(
    'optimizer_shard_bytes',
    "Memory of this worker's shard of the optimizer state, its weights included",
  );
  readonly #samples = new Counter({
    name: 'crescendo_worker_samples_total',
    help: 'Samples computed, attempts done again included',
    registers: [this.#registry],
  });
  readonly #duration = new Histogram({
    name: 'crescendo_worker_step_duration_seconds',
    help: 'Duration of a step on this worker by part',
    labelNames: ['part'],
    buckets: STEP_BUCKETS,
    registers: [this.#registry],
  });
  #bytesSent = 0;
  /** What the newest report said, which counts all attempts at its step. */
  #counted = { step: -1, samples: 0 };

  constructor() {
    collectDefaultMetrics({ register: this.#registry, prefix: 'crescendo_worker_' });
  }

  /** The Prometheus text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** An observer for a session; `print` gets what a person should see. */
  observe(options: { readonly print: (line: string) => void }): WorkerObserver {
    return {
      onNotice: options.print,
      onMemory: (tensorCount, tensorBytes) => {
        this.#tensors.set(tensorCount);
        this.#tensorBytes.set(tensorBytes);
      },
      onAllReduce: (bytesSent, bytesHeld, shardBytes) => {
        this.#allReduceMemory.set(bytesHeld);
        this.#shardMemory.set(shardBytes);
        this.#sent.inc(bytesSent - this.#bytesSent);
        this.#bytesSent = bytesSent;
      },
      onStep: (report) => {
        this.#step.set(report.step);
        const before = this.#counted.step === report.step ? this.#counted.samples : 0;
        this.#counted = { step: report.step, samples: report.samplesComputed };
        this.#samples.inc(Math.max(0, report.samplesComputed - before));
        this.#duration.observe({ part: 'compute' }, report.computeSeconds);
        this.#duration.observe({ part: 'all-reduce' }, report.allReduceSeconds);
        this.#duration.observe({ part: 'apply' }, report.applySeconds);
      },
    };
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name: `crescendo_worker_${name}`, help, registers: [this.#registry] });
  }
}
