/**
 * URLs written with braces, as WebDataset writes them: `train-{0000..0146}.tar`,
 * `{train,validation}-{00..07}.tar`. Pure.
 */

/** More are taken for a slip. */
const URLS_MAX = 200_000;

/** @throws Error in words */
export function expandBraces(text: string): string[] {
  const begin = text.indexOf('{');
  if (begin < 0) return [text];
  const end = closingBrace(text, begin);
  if (end === undefined) throw new Error(`a brace is not closed in ${text}`);
  const head = text.slice(0, begin);
  const tails = expandBraces(text.slice(end + 1));
  const middles = choicesOf(text.slice(begin + 1, end)).flatMap(expandBraces);
  if (middles.length * tails.length > URLS_MAX) {
    throw new Error(`more than ${URLS_MAX} files are named by ${text}`);
  }
  return middles.flatMap((middle) => tails.map((tail) => head + middle + tail));
}

function closingBrace(text: string, begin: number): number | undefined {
  let depth = 0;
  for (let at = begin; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return undefined;
}

/** A range of numbers, with the zeros of its first, or texts between commas. */
function choicesOf(text: string): string[] {
  const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  if (first === undefined || last === undefined) return split(text);
  const count = Number(last) - Number(first) + 1;
  if (count < 1 || count > URLS_MAX) throw new Error(`{${text}} is no range of numbers`);
  return Array.from({ length: count }, (_, index) =>
    String(Number(first) + index).padStart(first.length, '0'),
  );
}

/** At commas that are in no braces of their own. */
function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let begin = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{') depth++;
    if (character === '}') depth--;
    if (character !== ',' || depth > 0) continue;
    parts.push(text.slice(begin, at));
    begin = at + 1;
  }
  return [...parts, text.slice(begin)];
}
