/** Words that were retired stay out of code, run files and documents. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { RETIRED_WORDS } from './to-go.ts';
import { assertOnly, filesUnder } from '../support/source-tree.ts';

interface RetiredWord {
  readonly pattern: RegExp;
  readonly say: string;
  /** Where it is looked for; everywhere if undefined. */
  readonly within?: RegExp;
}

const EVERY_STEM =
  'optimi|normali|initiali|seriali|synchroni|vectori|paralleli[sz]ation|utili|recogni|organi|' +
  'quanti|summari|minimi|maximi|randomi|generali|speciali|materiali|penali|stabili';

const RETIRED: readonly RetiredWord[] = [
  { pattern: /micro-?shard/i, say: 'micro-batch' },
  { pattern: new RegExp(`(${EVERY_STEM})s(e[drs]?|ing|ation)\\b`, 'i'), say: 'the -ize spelling' },
  {
    pattern: /behaviour|\bcolour|\bcentred?\b|neighbour|favour|\bgr[e]y/i,
    say: 'American spelling',
  },
  { pattern: /\b(labelled|cancelled|travelled|travelling|modelling|licence)\b/i, say: 'American' },
  { pattern: /(?<!std::)\bexchange/i, say: 'all-reduce' },
  { pattern: /\bcodecs?\b/i, say: 'compression' },
  {
    pattern: /\b(this|that|each|another|next|repeated) round\b(?! trip)/i,
    say: 'attempt',
    within: /^(?!bench)/,
  },
  { pattern: /\brounds? (is|are|was|were|that) (done|made|repeated|end)/i, say: 'attempt' },
  { pattern: /\bcombiners?\b/i, say: 'machine leader' },
  { pattern: /\bmirror(s|ed)?\b/i, say: 'backup', within: /^(coordinator|worker|proto)\// },
  { pattern: /\b(compute|cluster|per|multi)[ -]nodes?\b|\bnode leader/i, say: 'machine' },
  { pattern: /\bstrangers?\b/i, say: 'unauthenticated connection' },
  { pattern: /\bshared out\b/i, say: 'sharded; split' },
  { pattern: /\bheld[ -]up\b(?! to)/i, say: 'wait-for graph' },
  { pattern: /(\/\*\*\s*\*?|^ *\/\/) Of (?!course)/m, say: 'a sentence with a subject' },
];

/** Files that hold retired words on purpose. */
const ON_PURPOSE = new Set([
  'CHANGELOG.md', // What was renamed.
  'docs/nomenclature.md', // The list of words.
  'lib/run/retired-keys.ts',
  'test/guards/words.test.ts',
  'test/guards/to-go.ts',
  'test/unit/run-file-problems.test.ts',
]);

const paths = filesUnder('').filter(
  (path) =>
    /\.(ts|mjs|js|cc|h|py|md|yaml|yml|json|proto|sh)$/.test(path) &&
    !path.startsWith('bench/results/') &&
    !/^test\/(parity|fixtures)\//.test(path) &&
    !ON_PURPOSE.has(path),
);

function findings(path: string): string[] {
  const text = readFileSync(join(PROJECT_ROOT, path), 'utf8');
  return RETIRED.flatMap(({ pattern, say, within }) => {
    const found = within?.test(path) === false ? null : pattern.exec(text);
    return found === null ? [] : [`${path}: "${found[0]}", say ${say}`];
  });
}

test('retired words do not come back', () => {
  assertOnly(paths.flatMap(findings), RETIRED_WORDS);
});
