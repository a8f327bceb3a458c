/**
 * Predicts the time of one training step of N workers, from what a step computes, the links, and
 * the costs of handling bytes and messages. Pure.
 *
 * - A message of n bytes takes alpha + n beta: latency plus bytes over bandwidth (Hockney 1994,
 *   "The communication challenge for MPP"). Links are full duplex; a machine's workers share its
 *   link.
 * - An all-reduce as reduce-scatter and all-gather sends 2 (N - 1) / N of the vector from each
 *   worker, the least there can be (Patarasuk and Yuan 2009, "Bandwidth optimal all-reduce
 *   algorithms"; Rabenseifner 2004, "Optimization of collective reduction operations"; Thakur,
 *   Rabenseifner and Gropp 2005, "Optimization of collective communication operations in MPICH",
 *   whose terms in alpha, beta and gamma these are). Here all peers are sent to at once, so each
 *   phase has one alpha and not N - 1 of them; what grows with N is the handling of messages
 *   (`messageSeconds`).
 * - Hierarchical: the same within each machine, then between machines on 1 / g of the vector for
 *   each of a machine's g workers, then within the machine again: a machine's link carries
 *   2 (K - 1) / K of the vector for K machines, and not g times that.
 * - Star: the coordinator relays all frames of a flat all-reduce, so its link carries N - 1 vectors
 *   in and out, in each of the two phases.
 * - Chunks flow through link and processor at the same time: the slower sets the pace, and one
 *   chunk of the quicker comes on top, to fill the pipeline.
 * - Buckets leave while the backward pass goes on (Li et al. 2020, "PyTorch Distributed"), one
 *   after another; exposed is what ends after the compute time. Work on a core that also computes
 *   is never hidden (`sharesCore`).
 * - TCP: a connection moves at most a window per round trip, and one that was idle starts from a
 *   small window that doubles per round trip (Cardwell, Savage and Anderson 2000, "Modeling TCP
 *   latency"; RFC 6928).
 * - Stragglers: compute times of workers are taken as independent and normal with a coefficient of
 *   variation; the slowest of N is expected at mean + deviation * z((N - 3/8) / (N + 1/4)) (Blom
 *   1958, "Statistical estimates and transformed beta-variables"). Heavier tails are worse.
 * - Local SGD (Stich 2019, "Local SGD Converges Fast and Communicates Little"): all-reduce,
 *   coordinator and the wait for the slowest come once for H steps. The sum of H independent
 *   compute times varies by 1 / sqrt(H) of what one does.
 * - Coordinator: a report in and an order out for each worker; an order lists what all workers
 *   lease.
 */
import { normalQuantile } from '../collective/compression/normal-quantile.ts';
import type {
  LinkCost,
  ClusterShape,
  ProcessingCost,
  StepCosts,
  StepPrediction,
} from './step-costs.ts';

export function predictStep(costs: StepCosts): StepPrediction {
  const { cluster, work } = costs;
  const parts = stepParts(costs);
  const stepSeconds = Object.values(parts).reduce((sum, one) => sum + one, 0);
  const alone = { ...cluster, workers: 1 };
  const aloneSeconds =
    cluster.workers === 1
      ? stepSeconds
      : Object.values(stepParts({ ...costs, cluster: alone })).reduce((sum, one) => sum + one, 0);
  const traffic = trafficOf(costs);
  return {
    workers: cluster.workers,
    machines: machinesOf(cluster),
    stepSeconds,
    imagesPerSecond: (cluster.workers * work.samplesPerWorker) / stepSeconds,
    efficiency: aloneSeconds / stepSeconds,
    communicationExposedRatio: 1 - (parts.computeSeconds + parts.applySeconds) / stepSeconds,
    parts,
    ...traffic,
  };
}

/** Expected largest of `count` independent normal values of mean 0 and deviation 1. */
export function expectedMaximum(count: number): number {
  return count <= 1 ? 0 : normalQuantile((count - 0.375) / (count + 0.25));
}

/**
 * Seconds to move `bytes` over one connection that has `bytesPerSecond` to itself, until the last
 * byte has left; propagation comes on top.
 */
export function connectionSeconds(bytes: number, bytesPerSecond: number, link: LinkCost): number {
  const roundTripSeconds = 2 * link.latencySeconds;
  let window = Math.min(link.initialWindowBytes, link.windowBytes);
  let left = bytes;
  let seconds = 0;
  while (window < bytesPerSecond * roundTripSeconds && left > window) {
    left -= window;
    seconds += roundTripSeconds;
    if (window >= link.windowBytes) {
      // It grows no more: whole windows, then the rest of one.
      const rounds = Math.ceil(left / window) - 1;
      return seconds + rounds * roundTripSeconds + (left - rounds * window) / bytesPerSecond;
    }
    window = Math.min(2 * window, link.windowBytes);
  }
  return seconds + left / bytesPerSecond;
}

function stepParts(costs: StepCosts): StepPrediction['parts'] {
  const { cluster, work } = costs;
  const { stepsPerAllReduce } = work;
  const variation = work.computeVariation / Math.sqrt(stepsPerAllReduce);
  const slowest = expectedMaximum(cluster.workers) * variation;
  return {
    computeSeconds: work.computeSeconds,
    stragglerSeconds: slowest * work.computeSeconds,
    allReduceSeconds: exposedSeconds(costs) / stepsPerAllReduce,
    coordinatorSeconds: coordinatorSeconds(costs) / stepsPerAllReduce,
    applySeconds: work.applySeconds,
  };
}

function machinesOf({ workers, workersPerMachine }: ClusterShape): number {
  return Math.ceil(workers / workersPerMachine);
}

/** One phase (reduce-scatter or all-gather) of a bucket among `members` that each own a part. */
interface Level {
  readonly members: number;
  /** Float32 bytes of what is summed among them. */
  readonly bytes: number;
  readonly link: LinkCost;
  /** Bytes over that link, in each direction, over what one member sends. */
  readonly sharers: number;
}

/** The all-reduces one after another: within the machine, between machines; or one flat one. */
function levelsOf({ workers, workersPerMachine, ...links }: ClusterShape, bytes: number): Level[] {
  const inMachine = Math.min(workers, workersPerMachine);
  const machines = Math.ceil(workers / workersPerMachine);
  if (links.topology === 'hierarchical') {
    const within = { members: inMachine, bytes, link: links.withinMachine, sharers: 1 };
    const part = bytes / inMachine;
    const between = {
      members: machines,
      bytes: part,
      link: links.betweenMachines,
      sharers: inMachine,
    };
    return [within, between].filter((level) => level.members > 1);
  }
  if (workers === 1) return [];
  if (machines === 1) return [{ members: workers, bytes, link: links.withinMachine, sharers: 1 }];
  // In a flat mesh over several machines the bytes between machines take longest, or nearly so.
  const outside = (workers - inMachine) / (workers - 1);
  return [{ members: workers, bytes, link: links.betweenMachines, sharers: inMachine * outside }];
}

interface Duration {
  /** During which link or processor is taken. */
  readonly busySeconds: number;
  readonly latencySeconds: number;
  readonly processorSeconds: number;
}

function bucketDuration(costs: StepCosts, bytes: number): Duration {
  const { cluster, processing } = costs;
  if (cluster.topology === 'star') return starDuration(costs, bytes);
  let busySeconds = 0;
  let latencySeconds = 0;
  let processorSeconds = 0;
  for (const level of levelsOf(cluster, bytes)) {
    const processor = levelProcessing(processing, level);
    // Two phases; the second finds windows that the first has opened.
    const opened = { ...level.link, initialWindowBytes: Infinity };
    const wire =
      wireSeconds(processing, level) + wireSeconds(processing, { ...level, link: opened });
    busySeconds += pipelined(wire, processor, 2 * chunksOf(processing, level));
    processorSeconds += processor;
    latencySeconds += 2 * level.link.latencySeconds;
  }
  return { busySeconds, latencySeconds, processorSeconds };
}

/** Bytes of one phase over the link, or what TCP makes of one connection's share of them. */
function wireSeconds({ compressionRatio }: ProcessingCost, level: Level): number {
  const { members, bytes, link, sharers } = level;
  const peers = members - 1;
  const perConnection = (bytes / members) * compressionRatio;
  const rate = link.bytesPerSecond / Math.max(1, sharers * peers);
  return connectionSeconds(perConnection, rate, link);
}

function chunksOf({ chunkBytes }: ProcessingCost, { members, bytes }: Level): number {
  return Math.max(1, Math.ceil(bytes / members / chunkBytes));
}

/** Processing of one worker in both phases. */
function levelProcessing(processing: ProcessingCost, level: Level): number {
  const { reduceSecondsPerByte, encodeSecondsPerByte, decodeSecondsPerByte } = processing;
  const { members, bytes } = level;
  const others = (bytes * (members - 1)) / members;
  const own = bytes / members;
  const wireBytes = 4 * others * processing.compressionRatio;
  const messages = 4 * (members - 1) * chunksOf(processing, level);
  return (
    reduceSecondsPerByte * others +
    encodeSecondsPerByte * (others + own) +
    decodeSecondsPerByte * 2 * others +
    processing.socketSecondsPerByte * wireBytes +
    processing.messageSeconds * messages
  );
}

/** Two resources that work on a stream of chunks at the same time. */
function pipelined(one: number, other: number, chunks: number): number {
  return Math.max(one, other) + Math.min(one, other) / chunks;
}

/** All frames pass the coordinator: its link and its processor handle those of all workers. */
function starDuration({ cluster, processing }: StepCosts, bytes: number): Duration {
  const { workers, betweenMachines } = cluster;
  if (workers === 1) return { busySeconds: 0, latencySeconds: 0, processorSeconds: 0 };
  const level = { members: workers, bytes, link: betweenMachines, sharers: 1 };
  const relayed = 2 * (workers - 1) * bytes * processing.compressionRatio;
  const wire = relayed / betweenMachines.bytesPerSecond;
  const messages = 2 * workers * (workers - 1) * chunksOf(processing, level);
  const relay =
    2 * (processing.socketSecondsPerByte * relayed + processing.messageSeconds * messages);
  const own = levelProcessing(processing, level);
  return {
    busySeconds: pipelined(wire, relay, messages) + own / workers,
    latencySeconds: 4 * betweenMachines.latencySeconds,
    processorSeconds: own,
  };
}

/** The windows that an earlier bucket of the step has opened. */
function withOpenWindows(costs: StepCosts): StepCosts {
  const betweenMachines = { ...costs.cluster.betweenMachines, initialWindowBytes: Infinity };
  return { ...costs, cluster: { ...costs.cluster, betweenMachines } };
}

/** What of the all-reduce ends after the compute time. */
function exposedSeconds(costs: StepCosts): number {
  const { work, processing } = costs;
  const opened = withOpenWindows(costs);
  let freeAt = 0;
  let endsAt = 0;
  let processorSeconds = 0;
  for (const [index, bucket] of work.buckets.entries()) {
    const duration = bucketDuration(index === 0 ? costs : opened, bucket.bytes);
    freeAt = Math.max(freeAt, bucket.releaseSeconds) + duration.busySeconds;
    endsAt = freeAt + duration.latencySeconds;
    processorSeconds += duration.processorSeconds;
  }
  const exposed = Math.max(0, endsAt - work.computeSeconds);
  return processing.sharesCore ? Math.max(exposed, processorSeconds) : exposed;
}

function coordinatorSeconds({ cluster, coordinator }: StepCosts): number {
  const { workers, betweenMachines } = cluster;
  const orderBytes = workers * workers * coordinator.shareBytes;
  return (
    coordinator.stepSeconds +
    workers * (coordinator.workerSeconds + workers * coordinator.shareSeconds) +
    orderBytes / betweenMachines.bytesPerSecond +
    2 * betweenMachines.latencySeconds
  );
}

function trafficOf(
  costs: StepCosts,
): Pick<
  StepPrediction,
  | 'allReduceBusySeconds'
  | 'sentBytesPerWorker'
  | 'sentBytesPerMachine'
  | 'connectionsPerWorker'
  | 'connectionsPerMachine'
  | 'messagesPerWorker'
> {
  const { cluster, work, processing } = costs;
  const { workers } = cluster;
  const inMachine = Math.min(workers, cluster.workersPerMachine);
  const machines = machinesOf(cluster);
  const isStar = cluster.topology === 'star';
  const isLayered = cluster.topology === 'hierarchical';
  const layers = isLayered
    ? [inMachine, machines].filter((members) => members > 1)
    : workers > 1
      ? [workers]
      : [];
  let sent = 0;
  let messages = 0;
  let busySeconds = 0;
  for (const { bytes } of work.buckets) {
    let part = bytes;
    for (const members of layers) {
      sent += 2 * part * ((members - 1) / members) * processing.compressionRatio;
      const level = { members, bytes: part, link: cluster.withinMachine, sharers: 1 };
      messages += 2 * (members - 1) * chunksOf(processing, level);
      part /= members;
    }
    busySeconds += bucketDuration(costs, bytes).busySeconds;
  }
  const vectorBytes =
    work.buckets.reduce((sum, { bytes }) => sum + bytes, 0) * processing.compressionRatio;
  const outside = isLayered
    ? (machines - 1) / machines
    : (inMachine * (workers - inMachine)) / workers;
  return {
    allReduceBusySeconds: busySeconds / work.stepsPerAllReduce,
    sentBytesPerWorker: sent / work.stepsPerAllReduce,
    sentBytesPerMachine:
      (isStar ? inMachine * sent : 2 * vectorBytes * outside) / work.stepsPerAllReduce,
    connectionsPerWorker: isStar ? 1 : layers.reduce((sum, members) => sum + members - 1, 0),
    connectionsPerMachine: isStar
      ? inMachine
      : inMachine * (isLayered ? machines - 1 : workers - inMachine),
    messagesPerWorker: messages / work.stepsPerAllReduce,
  };
}
