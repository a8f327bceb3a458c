/** Compares the lines of a proof with each other and with the journal. Pure. */
import type { JournalRecord } from './events.ts';
import type { Finding } from './journal-audit.ts';
import { hashOf, NO_HASH, ProofChain } from './proof-chain.ts';

export interface ProofCheck {
  /** The hash of the last line that the journal gives. */
  readonly hash: string;
  /** Lines that the proof has, and those that it has to have. */
  readonly lineCount: number;
  readonly expectedCount: number;
  /** The first line that does not fit. */
  readonly finding: Finding | undefined;
}

/**
 * @param text of proof.jsonl; undefined where there is none
 * @param hasEnded whether the run has ended: else lines may be missing at the end
 */
export function checkProof(
  records: readonly JournalRecord[],
  text: string | undefined,
  hasEnded: boolean,
): ProofCheck {
  const chain = new ProofChain();
  const expected = records.flatMap((record) => chain.add(record) ?? []);
  const lines = (text ?? '').split('\n');
  // The last line is one without an end, which a crash has torn, or nothing.
  const torn = lines.pop() ?? '';
  const check = { hash: chain.hash, lineCount: lines.length, expectedCount: expected.length };
  let previous = NO_HASH;
  for (const [index, line] of lines.entries()) {
    const here = `proof.jsonl, line ${index + 1}`;
    const found = parse(line);
    const due = expected[index];
    const step = stepOf(found) ?? stepOf(due);
    const fail = (what: string): ProofCheck => ({ ...check, finding: { step, what } });
    if (found === undefined) return fail(`${here}: it is not JSON`);
    const { hash, ...rest } = found;
    if (hash !== hashOf(rest)) return fail(`${here}: it does not come to its hash`);
    if (found['previous'] !== previous) {
      return fail(`${here}: the line before it has another hash than it says`);
    }
    if (due === undefined) return fail(`${here}: the journal has nothing of it`);
    if (hash !== due.hash) {
      const key = Object.keys({ ...found, ...due }).find((one) => differs(found, due, one));
      const [is, was] = [valueOf(due, key), valueOf(found, key)];
      return fail(`${here}: its ${key ?? 'hash'} is ${was}, and the journal's ${is}`);
    }
    previous = hash;
  }
  const next = expected[lines.length];
  const isWhole = next === undefined && torn === '';
  if (isWhole || !hasEnded) return { ...check, finding: undefined };
  const what = `proof.jsonl ends after ${lines.length} of ${expected.length} lines`;
  return { ...check, finding: { step: stepOf(next), what } };
}

type Fields = Readonly<Record<string, unknown>>;

function parse(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function stepOf(line: object | undefined): number | undefined {
  const step = line !== undefined && 'step' in line ? line.step : undefined;
  return typeof step === 'number' ? step : undefined;
}

function differs(left: object, right: object, key: string): boolean {
  return key !== 'hash' && valueOf(left, key) !== valueOf(right, key);
}

function valueOf(line: object, key: string | undefined): string {
  const value = key === undefined ? undefined : (line as Fields)[key];
  return value === undefined ? 'absent' : JSON.stringify(value);
}
