/** The class names of a classifier in a weights file: a JSON list in its metadata. Pure. */

const KEY = 'class_names';

export function classNamesMetadata(classNames: readonly string[]): Record<string, string> {
  return { [KEY]: JSON.stringify(classNames) };
}

/** The names in class order; undefined if the file has none, or another number of them. */
export function classNamesOf(
  metadata: Readonly<Record<string, string>>,
  classCount: number,
): readonly string[] | undefined {
  const text = metadata[KEY];
  if (text === undefined) return undefined;
  let names: unknown;
  try {
    names = JSON.parse(text);
  } catch {
    return undefined;
  }
  const isRight =
    Array.isArray(names) &&
    names.length === classCount &&
    names.every((name) => typeof name === 'string');
  return isRight ? (names as string[]) : undefined;
}
