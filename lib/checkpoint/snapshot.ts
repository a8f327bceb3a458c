/**
 * A snapshot of a worker's training state: one vector of float32 values that is cut into named
 * sections. Workers of one run have the same layout, so joiners receive the vector alone.
 */
import { assert, CrescendoError } from '../base/errors.ts';

/** How to read the values of a section; a count is one whole number, kept as splitCount() does. */
export type SectionType = 'float32' | 'count';

export interface SectionSize {
  readonly name: string;
  readonly type: SectionType;
  /** Length in float32 values. */
  readonly elements: number;
}

/** A section with its place [begin, end) in the vector. */
export interface SnapshotSection {
  readonly name: string;
  readonly type: SectionType;
  readonly begin: number;
  readonly end: number;
}

/** The sections in the order of the vector, without gaps. */
export type SnapshotLayout = readonly SnapshotSection[];

export interface Snapshot {
  readonly layout: SnapshotLayout;
  readonly values: Float32Array;
}

/** Values of sections by name, whether in a snapshot or elsewhere. */
export type Sections = ReadonlyMap<string, Float32Array>;

/** Puts sections one after the other; those without values are left out. */
export function snapshotLayout(sections: readonly SectionSize[]): SnapshotLayout {
  const layout: SnapshotSection[] = [];
  let begin = 0;
  for (const { name, type, elements } of sections) {
    if (elements === 0) continue;
    const end = begin + elements;
    layout.push({ name, type, begin, end });
    begin = end;
  }
  return layout;
}

/** Length of the vector, in float32 values. */
export function elementsOf(layout: SnapshotLayout): number {
  return layout.at(-1)?.end ?? 0;
}

/** Copies the sections that the layout names into one vector. */
export function packSnapshot(layout: SnapshotLayout, sections: Sections): Snapshot {
  const values = new Float32Array(elementsOf(layout));
  for (const { name, begin, end } of layout) {
    const section = sections.get(name);
    assert(section?.length === end - begin, `section ${name} is not ${end - begin} values`);
    values.set(section, begin);
  }
  return { layout, values };
}

/** Views of a snapshot's sections. */
export function sectionsOf({ layout, values }: Snapshot): Sections {
  return new Map(layout.map(({ name, begin, end }) => [name, values.subarray(begin, end)]));
}

/**
 * Refuses a snapshot of another model, optimizer, training mode or version.
 * @throws CRESCENDO_WEIGHTS_INVALID naming the first section that differs
 */
export function checkSnapshot({ layout, values }: Snapshot, expected: SnapshotLayout): void {
  checkLayout(layout, expected);
  if (values.length !== elementsOf(layout)) {
    throw differs(`its sections have ${values.length} values`, `${elementsOf(layout)}`);
  }
}

/** The same for the sections of a snapshot alone. @throws CRESCENDO_WEIGHTS_INVALID */
export function checkLayout(layout: SnapshotLayout, expected: SnapshotLayout): void {
  const names = new Set([...expected, ...layout].map(({ name }) => name));
  for (const name of names) {
    const found = placeOf(name, layout);
    const needed = placeOf(name, expected);
    if (found !== needed) throw differs(`its section ${name} is ${found}`, needed);
  }
}

function placeOf(name: string, layout: SnapshotLayout): string {
  const section = layout.find((one) => one.name === name);
  if (section === undefined) return 'absent';
  const { type, begin, end } = section;
  return `${end - begin} values from ${begin} on as ${type}`;
}

function differs(what: string, needed: string): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_WEIGHTS_INVALID',
    `the snapshot does not fit this run: ${what}, and must be ${needed}; take a snapshot of the ` +
      'same version and run file',
  );
}
