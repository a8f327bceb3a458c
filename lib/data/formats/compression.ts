/** By what a file was compressed whose content is not what its name says. */

/** First bytes in hexadecimal digits, and the program that undoes it. */
const SIGNATURES: readonly (readonly [string, string])[] = [
  ['1f8b', 'gzip'],
  ['28b52ffd', 'zstd'],
  ['fd377a585a', 'xz'],
  ['425a68', 'bzip2'],
  ['7801', 'zlib'],
  ['789c', 'zlib'],
  ['78da', 'zlib'],
];

/**
 * The name of a compression, by the first 5 bytes; undefined for another begin. Ask only where the
 * content was found to be wrong: numbers may begin like this too.
 */
export function compressionOf(begin: Buffer): string | undefined {
  const digits = begin.toString('hex', 0, 5);
  return SIGNATURES.find(([signature]) => digits.startsWith(signature))?.[1];
}
