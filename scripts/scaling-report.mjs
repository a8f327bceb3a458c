// Rewrites the tables of docs/scaling.md: predictions beside what bench/results/scaling-*.jsonl has
// measured (lines of `npm run -s bench -- scaling --json`), and predictions beyond.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, root } from './ensure-built.mjs';

ensureBuilt();
const { calibrated, simulate } = await import('../dist/lib/planning/estimate.js');
const { defaultModelConfig } = await import('../dist/lib/run/parse.js');
const { buildNetwork } = await import('../dist/lib/models/registry.js');

const CLASS_COUNT = 1000;
const results = join(root, 'bench', 'results');
const documentPath = join(root, 'docs', 'scaling.md');

const network = (name) => buildNetwork(defaultModelConfig(name), CLASS_COUNT);
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** Settings of `simulate` for a measured line. */
function settingsOf(line, calibration) {
  const isLocal = line.linkGbitPerSecond === null && line.delayMs === 0;
  const settings = {
    gpus: [line.workers],
    gpusPerMachine: isLocal ? line.workers : 1,
    linkGbitPerSecond: line.linkGbitPerSecond ?? 80,
    linkGbitWithinMachine: 80,
    latencyMicroseconds: line.delayMs * 1000 + 50,
    compression: line.compression,
    ...{ innerSteps: 0, sharded: line.sharded ?? false },
    sharesCore: true,
  };
  return calibrated(settings, calibration, line.model);
}

function measuredTable() {
  const rows = [];
  for (const file of readdirSync(results).filter((name) => name.startsWith('scaling-'))) {
    const text = readFileSync(join(results, file), 'utf8');
    const lines = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    for (const line of lines) {
      if (line.skipped !== undefined || line.workers === 1) continue;
      const [predicted] = simulate(network(line.model), settingsOf(line, { path: file, text }));
      rows.push([
        ...[line.model, line.workers, line.coresPerWorker, line.compression],
        ...[line.linkGbitPerSecond ?? 'none', line.delayMs, line.imagesPerSecond],
        ...[line.efficiency.toFixed(2), predicted.efficiency.toFixed(2)],
        ...[line.communicationExposedRatio.toFixed(2)],
        predicted.communicationExposedRatio.toFixed(2),
      ]);
    }
  }
  const head = [
    ...['model', 'workers', 'cores each', 'format', 'Gbit/s', 'delay ms', 'images/s'],
    ...['efficiency', 'predicted', 'exposed', 'predicted'],
  ];
  return table(head, rows);
}

function predictedTable() {
  const gpus = [8, 64, 512, 4096];
  const rows = [];
  for (const [link, latency] of [
    [400, 5],
    [100, 20],
    [10, 50],
    [1, 1000],
  ]) {
    // prettier-ignore
    for (const compression of ['float32', 'bfloat16']) {
      const sizes = simulate(network('efficientnetv2-s'), {
        ...{ gpus, gpusPerMachine: 8, linkGbitPerSecond: link, latencyMicroseconds: latency },
        ...{ linkGbitWithinMachine: 80, stepMs: 250, updateMs: 10, batchPerGpu: 128 },
        ...{ microBatchesPerGpu: 1, compression, variation: 0.02, sharesCore: false },
        ...{ innerSteps: 0, sharded: false },
      });
      rows.push([link, latency, compression, ...sizes.map((one) => one.efficiency.toFixed(2))]);
    }
  }
  return table(['Gbit/s', 'latency us', 'format', ...gpus.map((count) => `${count} GPUs`)], rows);
}

function replaced(text, name, content) {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/scaling.md has no place for the ${name} table`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

let text = readFileSync(documentPath, 'utf8');
text = replaced(text, 'measured', measuredTable());
text = replaced(text, 'predicted', predictedTable());
writeFileSync(documentPath, text);
