/** What the cost model (cost-model.ts) takes and gives. Times are in seconds. Pure. */

export type Topology = 'flat' | 'hierarchical' | 'star';

/** A link, the same in both directions. */
export interface LinkCost {
  /** Seconds from one end to the other (alpha). */
  readonly latencySeconds: number;
  readonly bytesPerSecond: number;
  /** Most bytes of one connection under way; Infinity: no bound. */
  readonly windowBytes: number;
  /** What an idle connection begins with; Infinity: it keeps its window. */
  readonly initialWindowBytes: number;
}

export interface ClusterShape {
  /** At least 1. */
  readonly workers: number;
  /** At least 1; the last machine may have fewer. */
  readonly workersPerMachine: number;
  /** The link of each worker to others of its machine. */
  readonly withinMachine: LinkCost;
  /** The link of each machine, shared by its workers; the coordinator has such a one. */
  readonly betweenMachines: LinkCost;
  readonly topology: Topology;
}

/** What a worker does in a step, whoever else there is. */
export interface StepWork {
  readonly samplesPerWorker: number;
  /** Mean time of forward and backward passes. */
  readonly computeSeconds: number;
  /** Standard deviation over mean. */
  readonly computeVariation: number;
  readonly applySeconds: number;
  /** 1, or with local SGD how many steps share an all-reduce. */
  readonly stepsPerAllReduce: number;
  /** In the order in which they leave. */
  readonly buckets: readonly ReleasedBucket[];
}

export interface ReleasedBucket {
  /** In float32. */
  readonly bytes: number;
  /** From the beginning of the compute time to when its gradients are there. */
  readonly releaseSeconds: number;
}

/** Costs of a worker's processor. */
export interface ProcessingCost {
  /** Per float32 byte that is added (gamma). */
  readonly reduceSecondsPerByte: number;
  readonly encodeSecondsPerByte: number;
  readonly decodeSecondsPerByte: number;
  /** Per byte that goes into or comes out of a socket. */
  readonly socketSecondsPerByte: number;
  /** Per message sent or received. */
  readonly messageSeconds: number;
  /** Bytes on the wire over float32 bytes. */
  readonly compressionRatio: number;
  readonly chunkBytes: number;
  /** True where the all-reduce has no core beside the one that computes. */
  readonly sharesCore: boolean;
}

export interface CoordinatorCost {
  /** Time of a step for any number of workers: above all the journal's write. */
  readonly stepSeconds: number;
  /** For each worker's report and order. */
  readonly workerSeconds: number;
  /** For each worker that an order names, and again for each worker it goes to. */
  readonly shareSeconds: number;
  readonly shareBytes: number;
}

export interface StepCosts {
  readonly cluster: ClusterShape;
  readonly work: StepWork;
  readonly processing: ProcessingCost;
  readonly coordinator: CoordinatorCost;
}

export interface StepPrediction {
  readonly workers: number;
  readonly machines: number;
  readonly stepSeconds: number;
  readonly imagesPerSecond: number;
  /** Over N times what one worker alone does. */
  readonly efficiency: number;
  /** Share of the step in which a worker neither computes nor applies (the mean over workers). */
  readonly communicationExposedRatio: number;
  /** The step's parts; they add up to stepSeconds. */
  readonly parts: {
    readonly computeSeconds: number;
    readonly stragglerSeconds: number;
    readonly allReduceSeconds: number;
    readonly coordinatorSeconds: number;
    readonly applySeconds: number;
  };
  /** The all-reduce with all it hides behind the backward pass, as the mean of a step. */
  readonly allReduceBusySeconds: number;
  /** On the wire, in a step. */
  readonly sentBytesPerWorker: number;
  /** What leaves a machine, sent by all its workers. */
  readonly sentBytesPerMachine: number;
  readonly connectionsPerWorker: number;
  /** Connections of one machine to other machines. */
  readonly connectionsPerMachine: number;
  /** Sent by a worker in a step, without the coordinator's. */
  readonly messagesPerWorker: number;
}
