/** By which workers and their coordinator know that they see the same dataset. */
import { createHash } from 'node:crypto';
import type { DatasetIdentity } from '../../proto/generated/messages.ts';
import { CLASS_NAME_CHARACTERS_MAX, CLASS_NAMES_SAID_MAX } from '../../proto/limits.ts';
import type { DatasetDescription } from './dataset.ts';

export function identityOf({
  classNames,
  trainSampleCount,
  validationSampleCount,
  filesSha256,
}: Omit<DatasetDescription, 'name'>): DatasetIdentity {
  return {
    trainSampleCount,
    validationSampleCount,
    classCount: classNames.length,
    classNames: classNames
      .slice(0, CLASS_NAMES_SAID_MAX)
      .map((name) => name.slice(0, CLASS_NAME_CHARACTERS_MAX)),
    classNamesSha256: createHash('sha256').update(JSON.stringify(classNames)).digest('hex'),
    filesSha256,
  };
}
