/**
 * Runs one of our kernels, or an update, with little memory; a process of its own, since one of the
 * ways to end is to die. Writes what came of it as JSON.
 */
import { readFileSync } from 'node:fs';
import { loadTensorflow } from '../../lib/tensorflow/load.ts';
import type { GraphOutput, NativeAddon, NativeGraph } from '../../lib/tensorflow/addon.ts';

const FLOAT = 1;
const CHANNELS = 64;
/** 64 MiB of x, beyond the memory that the test gives TensorFlow; the statistics are small. */
const ROWS = 2 ** 18;

function add(
  native: NativeAddon,
  graph: NativeGraph,
  op: string,
  attributes: readonly [string, number, unknown][],
  inputs: readonly GraphOutput[],
): GraphOutput[] {
  return native.addOperation(
    graph,
    op,
    attributes.map(([name, type, value]) => ({ name, type, value })),
    inputs.map(({ id }) => id),
  );
}

// TF_AttrType of tensorflow/c/c_api.h
const [INT, FLOATING, TYPE, SHAPE] = [1, 2, 4, 5] as const;

/** Runs what `build` makes of placeholders of these shapes, all fed with zeros. */
async function runGraph(
  native: NativeAddon,
  shapes: readonly number[][],
  build: (graph: NativeGraph, inputs: readonly GraphOutput[]) => GraphOutput,
): Promise<void> {
  const graph = native.createGraph();
  const inputs = shapes.map((shape) => {
    const attributes: [string, number, unknown][] = [
      ['dtype', TYPE, FLOAT],
      ['shape', SHAPE, shape],
    ];
    return add(native, graph, 'Placeholder', attributes, [])[0] as GraphOutput;
  });
  const y = build(graph, inputs);
  const session = native.createSession(graph, new Uint8Array());
  const sizeOf = (shape: readonly number[]): number => shape.reduce((size, one) => size * one, 1);
  const feeds = inputs.map(({ id }, index) => {
    const shape = shapes[index] as number[];
    return { id, shape, values: native.allocate(sizeOf(shape)) };
  });
  const fetches = [{ id: y.id, values: native.allocate(sizeOf(y.shape)) }];
  await native.run(session, feeds, fetches, undefined, false);
}

/** Batch norm of an x that is fed, so that its output is the first large thing to be allocated. */
function batchNorm(native: NativeAddon): Promise<void> {
  return runGraph(native, [[ROWS, CHANNELS], [CHANNELS], [CHANNELS]], (graph, inputs) => {
    const attributes: [string, number, unknown][] = [
      ['epsilon', FLOATING, 1e-3],
      ['activation', INT, 1],
    ];
    return add(native, graph, 'CrescendoBatchNorm', attributes, inputs)[0] as GraphOutput;
  });
}

/** A gradient that nobody else needs, and the gate's input gradient, which may take its place. */
function gateGradient(native: NativeAddon): Promise<void> {
  const gate = [4, CHANNELS];
  return runGraph(native, [[4, ROWS / 4, CHANNELS], gate, gate], (graph, [x, ...gates]) => {
    const dy = add(native, graph, 'Neg', [['T', TYPE, FLOAT]], [x as GraphOutput]);
    return add(native, graph, 'CrescendoGateInputGrad', [], [...dy, ...gates])[0] as GraphOutput;
  });
}

/** Segments as large as what is left of the addresses, so that there is no room for their copy. */
async function update(native: NativeAddon): Promise<void> {
  const read = (path: string, pattern: RegExp): number =>
    Number(pattern.exec(readFileSync(path, 'utf8'))?.[1]);
  const limit = read('/proc/self/limits', /^Max address space\s+(\d+)/m);
  const used = read('/proc/self/status', /^VmSize:\s+(\d+)/m) * 1024;
  const segments = new Int32Array(Math.floor(((limit - used) * 0.6) / 12) * 3);
  const one = new Float32Array(1);
  const settings = {
    kind: 0,
    scale: 1,
    learningRate: 1,
    momentum: 0,
    nesterov: false,
    decay: 0,
    epsilon: 0,
    beta1: 0,
    beta2: 0,
    correction1: 1,
    correction2: 1,
    weightDecay: 0,
    clipNorm: 0,
    emaKeep: 0,
  } as const;
  const rates = new Float32Array(segments.length / 3);
  await native.update(settings, segments, rates, one, one, [one], new Float32Array(0));
}

const { native } = await loadTensorflow({ intraOpThreads: 1 });
try {
  const run = { update, batchNorm, gateGradient }[process.argv[2] as string];
  await run?.(native);
  process.stdout.write(JSON.stringify({ code: 'none' }));
} catch (error) {
  const { code, message } = error as Error & { code?: string };
  process.stdout.write(JSON.stringify({ code, message }));
}
process.exit(0);
