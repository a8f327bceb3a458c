/** Counts the leading buckets that are final, while buckets become final in any order. Pure. */
export class LeadingBuckets {
  readonly #count: number;
  readonly #onLeading: ((count: number) => void) | undefined;
  readonly #final = new Set<number>();
  #leading = 0;

  /** @param count buckets with this index or a higher one are not counted */
  constructor(count: number, onLeading: ((count: number) => void) | undefined) {
    this.#count = count;
    this.#onLeading = onLeading;
  }

  add(bucket: number): void {
    this.#final.add(bucket);
    const before = this.#leading;
    while (this.#leading < this.#count && this.#final.has(this.#leading)) this.#leading++;
    if (this.#leading > before) this.#onLeading?.(this.#leading);
  }
}
