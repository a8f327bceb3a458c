/** The classes of a classifier as a weights file names them: a JSON list in its metadata. Pure. */

const KEY = 'class_names';

export function classNamesMetadata(classNames: readonly string[]): Record<string, string> {
  return { [KEY]: JSON.stringify(classNames) };
}

/** In class order; undefined when the file does not say, or names another number of classes. */
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
