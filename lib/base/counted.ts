/** Counts in sentences. Pure. */

/** Such as `1 step` or `3 steps`. @param many for what has another plural than with an s */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
