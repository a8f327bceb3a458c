/** Defects of links and of the frames on them. */
import { ChunkSum } from '../../lib/collective/all-reduce/chunk-sum.ts';
import { SimulatedPeers } from '../../lib/simulator/peers.ts';
import type { AnnouncedFrame } from '../../proto/data-frame.ts';
import type { StepOrder } from '../../proto/generated/messages.ts';
import { DataPlane } from '../../worker/all-reduce/data-plane.ts';
import { replace, type Mutation } from './mutation.ts';

/** Frames that the all-reduce takes. */
const SUMS: ReadonlySet<AnnouncedFrame['kind']> = new Set(['reduce', 'gather', 'squares']);

/** Some frames of the all-reduce count as those of the attempt that their receiver has started. */
function relabelSums(
  isRelabeled: (frame: AnnouncedFrame, order: StepOrder) => boolean,
): () => void {
  const orders = new WeakMap<DataPlane, StepOrder>();
  const undoStart = replace(
    DataPlane.prototype,
    'startAttempt',
    (original) =>
      function (order, ...others) {
        orders.set(this, order);
        original.call(this, order, ...others);
      },
  );
  const undoFrame = replace(
    DataPlane.prototype,
    'onFrame',
    (original) =>
      function (frame) {
        const order = orders.get(this);
        const isOfSums = order !== undefined && SUMS.has(frame.kind);
        if (!isOfSums || !isRelabeled(frame, order)) return original.call(this, frame);
        const { generation, step, attempt } = order;
        return original.call(this, { ...frame, generation, step, attempt });
      },
  );
  return () => {
    undoStart();
    undoFrame();
  };
}

export const FRAME_MUTATIONS: readonly Mutation[] = [
  {
    defect: 'frames of earlier generations count as those of the present attempt',
    foundBy: ['agreement', 'errors', 'exceptions', 'progress'],
    // The run goes on with other members, and frames are under way for long.
    settings: { seats: 4, minWorkers: 1, pauseBelow: 1, delayMaxMs: 60 },
    mutate: () => relabelSums((frame, order) => frame.generation < order.generation),
  },
  {
    defect: 'frames of earlier attempts in a generation count as those of the present one',
    foundBy: ['agreement', 'errors', 'exceptions', 'progress'],
    // Micro-batches are taken from slow workers, and frames are under way for long.
    settings: { seats: 3, minWorkers: 3, microBatches: 8, delayMaxMs: 60 },
    mutate: () =>
      relabelSums(
        (frame, order) =>
          frame.generation === order.generation &&
          frame.step === order.step &&
          frame.attempt < order.attempt,
      ),
  },
  {
    defect: 'sums are made in the order in which they arrive',
    foundBy: ['agreement'],
    settings: { seats: 4, minWorkers: 4, machines: 4, microBatches: 4, mode: 'synchronous' },
    mutate: () => {
      const arrived = new WeakMap<ChunkSum, number>();
      const placeOf = (sum: ChunkSum, node: { begin: number; end: number }): typeof node => {
        if (node.end - node.begin > 1) return node;
        const begin = arrived.get(sum) ?? 0;
        arrived.set(sum, begin + 1);
        return { begin, end: begin + 1 };
      };
      const undoWhole = replace(
        ChunkSum.prototype,
        'addWhole',
        (original) =>
          function (node, values) {
            original.call(this, placeOf(this, node), values);
          },
      );
      const undoArriving = replace(
        ChunkSum.prototype,
        'addArriving',
        (original) =>
          function (node, onWhole) {
            return original.call(this, placeOf(this, node), onWhole);
          },
      );
      return () => {
        undoWhole();
        undoArriving();
      };
    },
  },
  {
    defect: 'a frame is sent to another slot than it names',
    foundBy: ['errors'],
    mutate: () =>
      replace(
        SimulatedPeers.prototype,
        'send',
        (original) =>
          function (slot, frame) {
            const header = Buffer.from(frame.header);
            if (header.readUInt32LE(12) === 7) header.writeUInt16LE(slot + 1, 6);
            original.call(this, slot, { ...frame, header });
          },
      ),
  },
  {
    defect:
      'workers keep their links, and frames that wait on them, when they lose the coordinator',
    foundBy: ['linking'],
    mutate: () => {
      let isLeaving = false;
      const undoUnlink = replace(
        SimulatedPeers.prototype,
        'unlink',
        (original) =>
          function () {
            if (!isLeaving) original.call(this);
          },
      );
      const undoLeave = replace(
        DataPlane.prototype,
        'leave',
        (original) =>
          function () {
            isLeaving = true;
            original.call(this);
            isLeaving = false;
          },
      );
      const undoFrame = replace(
        DataPlane.prototype,
        'onFrame',
        (original) =>
          function (frame) {
            return SUMS.has(frame.kind) ? this.allReduce.accept(frame) : original.call(this, frame);
          },
      );
      return () => {
        undoUnlink();
        undoLeave();
        undoFrame();
      };
    },
  },
];
