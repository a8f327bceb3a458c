/** The training samples of a run that cannot be read. Pure. */
import type { BadSample, BadSamples } from '../../proto/generated/messages.ts';
import type { Effect, JournalRecord } from './events.ts';
import { failure } from './task.ts';

/** Those that a journal has, each once. */
export function badSamplesOf(records: readonly JournalRecord[]): BadSample[] {
  return records.flatMap((record) => (record.kind === 'badSamples' ? record.samples : []));
}

export class BadSampleLog {
  readonly #known: Set<number>;
  readonly #max: number;

  /** @param max more of them end the run @param known indices of those that were found before */
  constructor(max: number, known: readonly number[]) {
    this.#max = max;
    this.#known = new Set(known);
  }

  /**
   * Takes what a worker says.
   * @param effects receives what is to be done
   * @returns why the run is to end, where it cannot go on or too many are bad
   */
  add({ samples, isFinal }: BadSamples, effects: Effect[]): string | undefined {
    const news = samples.filter(({ index }) => !this.#known.has(index));
    for (const { index } of news) this.#known.add(index);
    const count = this.#known.size;
    if (news.length > 0) {
      effects.push(
        { kind: 'journal', record: { kind: 'badSamples', samples: news } },
        { kind: 'badSamplesFound', count },
        ...news.map((one): Effect => ({ kind: 'notice', text: inWords(one) })),
      );
    }
    return this.#endOf(samples, isFinal);
  }

  #endOf(samples: readonly BadSample[], isFinal: boolean): string | undefined {
    const count = this.#known.size;
    const isTooMany = count > this.#max && this.#max > 0;
    const [first] = samples;
    if (first === undefined || (!isFinal && !isTooMany)) return undefined;
    const why = isTooMany
      ? `${count} training samples cannot be read, where at most ${this.#max} may be ` +
        `(dataset.badSamples: skip); the last of them: ${inWords(first)}`
      : `${inWords(first)}: repair or remove it, or have another take its place with ` +
        'dataset.badSamples: skip';
    return failure('CRESCENDO_IMAGE_UNREADABLE', why).reason;
  }
}

function inWords({ index, name, reason }: BadSample): string {
  return `cannot decode ${name}: ${reason} (training sample ${index})`;
}
