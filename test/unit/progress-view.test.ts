/** What a person reads while a run goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProgressView } from '../../lib/launch/progress-view.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { parseRunText } from '../../lib/run/parse.ts';
import { planRun } from '../../lib/run/plan.ts';
import { smallRun } from '../support/run-files.ts';

/** A view, and the lines that it has printed. */
function aView(): { readonly view: ProgressView; readonly lines: string[] } {
  const run = parseRunText(smallRun(), 'run.yaml');
  const lines: string[] = [];
  const output = { write: (text: string) => lines.push(text) };
  return { view: new ProgressView(planRun(run, modeOf(run).plan, 100, 60), output), lines };
}

test('a full disk and a pause are told, and what comes again and again only once', () => {
  const { view, lines } = aView();
  const notice = 'the checkpoint after 8 steps was not written: the disk is full';
  view.onNotice(notice);
  view.onNotice(notice);
  view.onPaused('1 of 2 workers have joined');
  view.onNotice('the checkpoint after 16 steps was not written: the disk is full');
  assert.deepEqual(lines, [
    `${notice}\n`,
    'the run waits: 1 of 2 workers have joined\n',
    'the checkpoint after 16 steps was not written: the disk is full\n',
  ]);
});
