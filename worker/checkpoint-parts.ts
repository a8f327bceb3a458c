/**
 * What this worker gives to checkpoints and takes from them: sections that its compute thread
 * holds, and, where the optimizer state is sharded, its shard, which is on this thread. Both are
 * taken between two updates, and leave while training goes on.
 */
import { defined } from '../lib/base/errors.ts';
import { sharedCopy } from '../lib/base/shared-copy.ts';
import {
  elementsOf,
  packSnapshot,
  sectionsOf,
  type Snapshot,
  type SnapshotLayout,
  type SnapshotSection,
} from '../lib/checkpoint/snapshot.ts';
import type { Owners, ShardPiece } from '../lib/optim/modes/owners.ts';
import type { CheckpointOrder, CoordinatorMessage } from '../proto/generated/messages.ts';
import type { ComputeReply, ComputeRequest } from './compute/messages.ts';
import type { CoordinatorPort } from './core/ports.ts';
import { StateTransfer, type StatePiece } from './state-transfer.ts';

interface Opened {
  /** The sections of a checkpoint, and those of them that the compute thread holds. */
  readonly checkpointLayout: SnapshotLayout;
  readonly stateLayout: SnapshotLayout;
  readonly owners: Pick<Owners, 'copyPart' | 'wholeSections'>;
}

interface Copying {
  readonly generation: number;
  readonly committedSteps: number;
  /** Those of this worker's shard. */
  readonly pieces: readonly StatePiece[];
}

export class CheckpointParts {
  readonly #transfer: StateTransfer;
  #opened: Opened | undefined;
  /** Until the compute thread has copied what it holds. */
  #copying: Copying | undefined;

  constructor(coordinator: Pick<CoordinatorPort, 'send'>) {
    this.#transfer = new StateTransfer(coordinator);
  }

  open(opened: Opened): void {
    this.#opened = opened;
  }

  /** Length of the vector that the compute thread holds. */
  get heldElements(): number {
    return elementsOf(this.#layouts.stateLayout);
  }

  /** Takes what the coordinator says of parts on their way. */
  onMessage(message: CoordinatorMessage): void {
    if (message.kind === 'blockStored') this.#transfer.onStored(message);
    else if (message.kind === 'restoredBlock') this.#transfer.onRestored(message);
  }

  /** The connection to the coordinator is lost. */
  abandon(): void {
    this.#copying = undefined;
    this.#transfer.abandon();
  }

  /** A new membership is formed: what it does not need is not fetched any more. */
  abandonFetch(): void {
    this.#transfer.abandonFetch();
  }

  /** @returns what the compute thread is to copy of a checkpoint; copied() is due then */
  copy({ generation, committedSteps, leases }: CheckpointOrder): ComputeRequest {
    const { owners } = this.#layouts;
    const isHeld = this.#isHeld;
    const pieces = leases.flatMap(({ begin, end }): StatePiece[] => {
      const section = this.#sectionAt(begin);
      if (isHeld(section)) return [];
      const [from, to] = [begin - section.begin, end - section.begin];
      return [{ begin, values: owners.copyPart(generation, section.name, from, to) }];
    });
    this.#copying = { generation, committedSteps, pieces };
    const ranges = leases.filter(({ begin }) => isHeld(this.#sectionAt(begin)));
    return { kind: 'copyState', generation, committedSteps, ranges };
  }

  /** The compute thread has copied: all leaves. */
  copied(copied: ComputeReply & { readonly kind: 'stateCopied' }): void {
    const { generation, committedSteps, pieces } = copied;
    const copying = this.#copying;
    // A later order for the same state may lease other parts of it.
    if (copying?.committedSteps !== committedSteps || copying.generation !== generation) return;
    this.#copying = undefined;
    this.#transfer.send({ generation, committedSteps }, [...copying.pieces, ...pieces]);
  }

  /**
   * Fetches parts of a checkpoint.
   * @param isSource whether also those that the compute thread is to hold
   * @param shard receives this worker's shard
   * @param onWhole receives what the compute thread is to hold; undefined where it is no source
   */
  fetch(
    generation: number,
    isSource: boolean,
    shard: readonly ShardPiece[],
    onWhole: (state: Float32Array | undefined) => void,
  ): void {
    const { checkpointLayout, stateLayout } = this.#layouts;
    const pieces = shard.map(({ section, begin, values }): StatePiece => {
      return { begin: placeOf(checkpointLayout, section).begin + begin, values };
    });
    if (!isSource) {
      this.#transfer.fetch(generation, pieces, () => {
        onWhole(undefined);
      });
      return;
    }
    const state = sharedCopy(new Float32Array(elementsOf(stateLayout)));
    const held = stateLayout.map(({ name, begin, end }): StatePiece => {
      const values = state.subarray(begin, end);
      return { begin: placeOf(checkpointLayout, name).begin, values };
    });
    this.#transfer.fetch(generation, [...held, ...pieces], () => {
      onWhole(state);
    });
  }

  /**
   * The whole state, where this worker holds all shards.
   * @param state what its compute thread holds
   * @returns undefined where some of it is with other workers alone
   */
  wholeState(state: Float32Array): Snapshot | undefined {
    const { checkpointLayout, stateLayout, owners } = this.#layouts;
    const held = sectionsOf({ layout: stateLayout, values: state });
    const sections = new Map([...held, ...owners.wholeSections()]);
    if (checkpointLayout.some(({ name }) => !sections.has(name))) return undefined;
    return packSnapshot(checkpointLayout, sections);
  }

  /** Whether the compute thread holds a section of a checkpoint. */
  readonly #isHeld = ({ name }: SnapshotSection): boolean =>
    this.#layouts.stateLayout.some((one) => one.name === name);

  #sectionAt(place: number): SnapshotSection {
    const { checkpointLayout } = this.#layouts;
    const section = checkpointLayout.find(({ begin, end }) => begin <= place && place < end);
    return defined(section, `section of value ${place} of the state`);
  }

  get #layouts(): Opened {
    return defined(this.#opened, 'layouts of the state');
  }
}

function placeOf(layout: SnapshotLayout, name: string): SnapshotSection {
  return defined(
    layout.find((section) => section.name === name),
    `section ${name} of the state`,
  );
}
