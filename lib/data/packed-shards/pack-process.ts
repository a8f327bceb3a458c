/**
 * A process that packs shards for the one that started it (packers.ts), one after the other, and
 * ends with it.
 */
import { CrescendoError, messageOf, type ErrorCode } from '../../base/errors.ts';
import type { Dataset } from '../dataset.ts';
import type { DatasetPlace } from '../formats/format.ts';
import { openWithUnreadable } from '../formats/registry.ts';
import type { LeftOut, PackSettings } from './manifest.ts';
import { packShard, type PackPlace, type ShardTask } from './pack-shard.ts';
import { packingError } from './packing-error.ts';

/** What such a process is told first. */
export interface PackOrder {
  readonly place: DatasetPlace;
  readonly baseFolder: string;
  readonly homeFolder: string;
  readonly settings: PackSettings;
  readonly target: PackPlace;
}

/** What it answers to each task. */
export type PackAnswer =
  | { readonly kind: 'packed'; readonly leftOut: readonly LeftOut[] }
  | { readonly kind: 'failed'; readonly code: ErrorCode | undefined; readonly message: string };

let order: PackOrder | undefined;
let dataset: Promise<Dataset> | undefined;

async function answerTo(task: ShardTask): Promise<PackAnswer> {
  if (order === undefined || dataset === undefined) throw new Error('a task before the order');
  const { settings, target } = order;
  try {
    const leftOut = await packShard(await dataset, task, settings, target);
    return { kind: 'packed', leftOut };
  } catch (error) {
    const told = packingError(target.folder, error);
    const code = told instanceof CrescendoError ? told.code : undefined;
    return { kind: 'failed', code, message: messageOf(told) };
  }
}

process.once('disconnect', () => {
  process.exit();
});
process.on('message', (message: PackOrder | ShardTask) => {
  if ('place' in message) {
    order = message;
    const { place, baseFolder, homeFolder } = message;
    dataset = openWithUnreadable(place, { baseFolder, homeFolder });
    dataset.catch(() => undefined);
    return;
  }
  void answerTo(message).then((answer) => process.send?.(answer));
});
