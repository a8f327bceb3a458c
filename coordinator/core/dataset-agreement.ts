/** Workers that see another dataset than the coordinator are not let in. Pure. */
import { CrescendoError } from '../../lib/base/errors.ts';
import type { DatasetIdentity } from '../../proto/generated/messages.ts';
import type { JournalRecord } from './events.ts';

/** Characters of a hash that tell two apart for a person. */
const HASH_CHARACTERS = 16;

/** @throws CRESCENDO_DATASET_MISMATCH saying what differs, and what to do */
export function requireSameDataset(ours: DatasetIdentity, theirs: DatasetIdentity): void {
  const differences = [
    ...countDifference('training samples', ours.trainSampleCount, theirs.trainSampleCount),
    ...countDifference(
      'validation samples',
      ours.validationSampleCount,
      theirs.validationSampleCount,
    ),
    ...classDifference(ours, theirs),
    ...filesDifference(ours, theirs),
  ];
  if (differences.length === 0) return;
  throw new CrescendoError(
    'CRESCENDO_DATASET_MISMATCH',
    `the worker's dataset is not the coordinator's: ${differences.join('; ')}. Copy the ` +
      "coordinator's files to the worker's dataset.path, with their folders, and start it again",
  );
}

/** What is to be said of a run that goes on with other images than it began with. */
export function changeSince(
  records: readonly JournalRecord[],
  { filesSha256: now }: DatasetIdentity,
): string | undefined {
  const started = records.find((record) => record.kind === 'started');
  const before = started?.filesSha256 ?? now;
  if (before === now) return undefined;
  return (
    'the dataset is another one than when the run began (its list of files has SHA-256 ' +
    `${now.slice(0, HASH_CHARACTERS)}..., and had ${before.slice(0, HASH_CHARACTERS)}...): what ` +
    'follows is not what the undisturbed run would give'
  );
}

function countDifference(what: string, ours: number, theirs: number): string[] {
  return ours === theirs ? [] : [`it has ${theirs} ${what}, not ${ours}`];
}

function classDifference(ours: DatasetIdentity, theirs: DatasetIdentity): string[] {
  if (ours.classCount !== theirs.classCount) {
    return [
      `it has ${theirs.classCount} classes, not ${ours.classCount}${firstOther(ours, theirs)}`,
    ];
  }
  if (ours.classNamesSha256 === theirs.classNamesSha256) return [];
  return [`it has other classes${firstOther(ours, theirs)}`];
}

/** The first class that has another name, where it is among those that are said. */
function firstOther({ classNames: ours }: DatasetIdentity, theirs: DatasetIdentity): string {
  const at = ours.findIndex((name, index) => name !== theirs.classNames[index]);
  if (at === -1) return '';
  const found = theirs.classNames[at];
  const what = found === undefined ? 'is missing' : `is ${JSON.stringify(found)}`;
  return `: class ${at} ${what}, not ${JSON.stringify(ours[at])}`;
}

function filesDifference(ours: DatasetIdentity, theirs: DatasetIdentity): string[] {
  if (ours.filesSha256 === theirs.filesSha256) return [];
  const [here, there] = [ours, theirs].map(({ filesSha256 }) =>
    filesSha256.slice(0, HASH_CHARACTERS),
  );
  const what = 'its list of files (paths, sizes and classes)';
  return [`${what} has SHA-256 ${there ?? ''}..., not ${here ?? ''}...`];
}
