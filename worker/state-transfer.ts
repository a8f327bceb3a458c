/**
 * The training state between this worker and the coordinator: what it was leased of a checkpoint
 * goes there, and what the run goes on from comes here. A few blocks are under way at a time, so
 * that heartbeats do not wait long behind them.
 */
import { createHash } from 'node:crypto';
import { CrescendoError } from '../lib/base/errors.ts';
import { blockParts, rangeOf, type BlockPart } from '../lib/checkpoint/state-leases.ts';
import type { BlockStored, CheckpointOrder, RestoredBlock } from '../proto/generated/messages.ts';
import { BLOCKS_UNDER_WAY_MAX } from '../proto/limits.ts';
import type { CoordinatorPort } from './core/ports.ts';

/** Values of the state's vector from `begin` on. */
export interface StatePiece {
  readonly begin: number;
  readonly values: Float32Array;
}

interface PartOfPiece {
  readonly part: BlockPart;
  readonly values: Float32Array;
}

/** The checkpoint that is sent, and the order by which it is. */
type Sent = Pick<CheckpointOrder, 'generation' | 'committedSteps'>;

interface Upload {
  readonly order: Sent;
  /** Those that were not sent, the next one first. */
  readonly left: PartOfPiece[];
  /** How many parts of each block were sent and are not stored. */
  readonly underWay: Map<number, number>;
}

interface Download {
  readonly generation: number;
  readonly onWhole: () => void;
  /** Those that were not asked for, the next one first. */
  readonly left: PartOfPiece[];
  /** Those that were, and have not come. */
  readonly asked: PartOfPiece[];
}

export class StateTransfer {
  readonly #coordinator: Pick<CoordinatorPort, 'send'>;
  #upload: Upload | undefined;
  #download: Download | undefined;

  constructor(coordinator: Pick<CoordinatorPort, 'send'>) {
    this.#coordinator = coordinator;
  }

  /** Sends what was copied for a checkpoint; an older one that is under way is let go. */
  send(order: Sent, pieces: readonly StatePiece[]): void {
    this.#upload = { order, left: partsOf(pieces), underWay: new Map() };
    this.#sendMore();
  }

  onStored({ committedSteps, index, isWanted }: BlockStored): void {
    const upload = this.#upload;
    if (upload?.order.committedSteps !== committedSteps) return;
    if (!isWanted) {
      this.#upload = undefined;
      return;
    }
    const count = (upload.underWay.get(index) ?? 0) - 1;
    if (count > 0) upload.underWay.set(index, count);
    else upload.underWay.delete(index);
    this.#sendMore();
  }

  /**
   * Fetches values of a checkpoint.
   * @param pieces receive them @param onWhole not called where another transfer comes first
   */
  fetch(generation: number, pieces: readonly StatePiece[], onWhole: () => void): void {
    const download = { generation, onWhole, left: partsOf(pieces), asked: [] };
    this.#download = download;
    for (let count = 0; count < BLOCKS_UNDER_WAY_MAX; count++) this.#requestNext();
    this.#endFetchIfWhole(download);
  }

  /** @throws CRESCENDO_PROTOCOL_INVALID for a damaged part */
  onRestored({ generation, index, begin, content, sha256 }: RestoredBlock): void {
    const download = this.#download;
    if (download?.generation !== generation) return;
    // Another length is that of a fetch before this one, in the same generation.
    const at = download.asked.findIndex(
      ({ part, values }) =>
        part.index === index && part.begin === begin && values.byteLength === content.byteLength,
    );
    const asked = download.asked[at];
    if (asked === undefined) return;
    const { buffer, byteOffset, byteLength } = asked.values;
    if (!createHash('sha256').update(content).digest().equals(sha256)) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `block ${index} of the state is not what its SHA-256 says: it was damaged on its way`,
      );
    }
    new Uint8Array(buffer, byteOffset, byteLength).set(content);
    download.asked.splice(at, 1);
    this.#requestNext();
    this.#endFetchIfWhole(download);
  }

  /** The connection is lost, or the membership is no more. */
  abandon(): void {
    this.#upload = undefined;
    this.#download = undefined;
  }

  /** A new membership is formed: what it does not need is not fetched any more. */
  abandonFetch(): void {
    this.#download = undefined;
  }

  /**
   * Parts leave in the order of the vector, of a few blocks at a time. A block is stored once all
   * members have sent their parts of it: whoever has one of the first such block can send it.
   */
  #sendMore(): void {
    const upload = this.#upload;
    if (upload === undefined) return;
    const { order, left, underWay } = upload;
    for (let next = left[0]; next !== undefined; next = left[0]) {
      const { index, begin } = next.part;
      const count = underWay.get(index);
      if (count === undefined && underWay.size >= BLOCKS_UNDER_WAY_MAX) return;
      left.shift();
      underWay.set(index, (count ?? 0) + 1);
      const { buffer, byteOffset, byteLength } = next.values;
      const content = new Uint8Array(buffer, byteOffset, byteLength);
      const sha256 = createHash('sha256').update(content).digest();
      const { generation, committedSteps } = order;
      const block = { generation, committedSteps, index, begin, sha256, content };
      this.#coordinator.send({ kind: 'stateBlock', ...block });
    }
  }

  #requestNext(): void {
    const next = this.#download?.left.shift();
    if (next === undefined || this.#download === undefined) return;
    const { generation, asked } = this.#download;
    asked.push(next);
    this.#coordinator.send({ kind: 'blockRequest', generation, ...next.part });
  }

  #endFetchIfWhole(download: Download): void {
    if (this.#download !== download || download.asked.length > 0) return;
    this.#download = undefined;
    download.onWhole();
  }
}

function partsOf(pieces: readonly StatePiece[]): PartOfPiece[] {
  const ascending = [...pieces].sort((left, right) => left.begin - right.begin);
  return ascending.flatMap(({ begin: first, values }) =>
    blockParts({ begin: first, end: first + values.length }).map((part) => {
      const { begin, end } = rangeOf(part);
      return { part, values: values.subarray(begin - first, end - first) };
    }),
  );
}

/** SHA-256 in hexadecimal. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
