/** A dataset restricted to some of its classes. */
import { closest } from '../../base/did-you-mean.ts';
import { CrescendoError } from '../../base/errors.ts';
import type { Dataset, DatasetSplit } from '../dataset.ts';

/**
 * The samples of these classes, in the dataset's order, labeled in the order of `classNames`.
 * @throws CRESCENDO_DATASET_INVALID if the dataset does not have a class
 */
export function withClasses(dataset: Dataset, classNames: readonly string[]): Dataset {
  const labels = new Map(classNames.map((name, label) => [labelOf(dataset, name), label] as const));
  return {
    name: dataset.name,
    classNames,
    train: splitOf(dataset.train, labels),
    validation: splitOf(dataset.validation, labels),
    notes: dataset.notes ?? [],
    filesSha256: dataset.filesSha256 ?? '',
    unreadable: (dataset.unreadable ?? []).flatMap((sample) => {
      const label = labels.get(sample.label);
      return label === undefined ? [] : [{ ...sample, label }];
    }),
  };
}

function labelOf({ name, classNames }: Dataset, className: string): number {
  const label = classNames.indexOf(className);
  if (label >= 0) return label;
  const near = closest(className, classNames);
  throw new CrescendoError(
    'CRESCENDO_DATASET_INVALID',
    `dataset ${name} has no class "${className}" (dataset.classes)` +
      `${near === undefined ? '' : `; did you mean "${near}"?`}: ` +
      `its ${classNames.length} classes ` +
      `are ${classNames.slice(0, 20).join(', ')}`,
  );
}

function splitOf(split: DatasetSplit, labels: ReadonlyMap<number, number>): DatasetSplit {
  const indices: number[] = [];
  for (let index = 0; index < split.sampleCount; index++) {
    if (labels.has(split.labelOf(index))) indices.push(index);
  }
  const place = (index: number): number => {
    const found = indices[index];
    if (found !== undefined) return found;
    throw new CrescendoError('CRESCENDO_INVARIANT', `sample ${index} of ${indices.length}`);
  };
  return {
    sampleCount: indices.length,
    labelOf: (index) => labels.get(split.labelOf(place(index))) ?? -1,
    imageOf: (index) => split.imageOf(place(index)),
  };
}
