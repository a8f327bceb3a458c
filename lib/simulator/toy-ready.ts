/** What all toy workers say when they are ready. Pure. */
import type { DatasetIdentity } from '../../proto/generated/messages.ts';

/** The coordinator sees the same. */
export const TOY_DATASET: DatasetIdentity = {
  trainSampleCount: 0,
  validationSampleCount: 0,
  classCount: 0,
  classNames: [],
  classNamesSha256: '',
  filesSha256: '',
};

export const TOY_READY = { parameters: [], description: 'toy', dataset: TOY_DATASET } as const;
