/** `crescendo data inspect`: what a run's images are like. */
import type { Command } from 'commander';
import { inspectData, type DataReport } from '../../lib/planning/inspect-data.ts';
import type { SplitReport } from '../../lib/planning/split-report.ts';
import { parseTrainedRunFile } from '../../lib/run/parse.ts';
import { print, printProgress } from '../output.ts';

const CLASSES_SHOWN_MAX = 50;
const UNREADABLE_SHOWN_MAX = 20;

export function addDataCommand(program: Command): void {
  const data = program.command('data').description("look at a run's images");
  data
    .command('inspect <run-file>')
    .description('count classes, sizes and what is left out, and draw what each phase sees')
    .option('--sheets <folder>', 'where the contact sheets go', 'contact-sheets')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExample:\n  crescendo data inspect configs/quickstart.yaml')
    .exitOverride()
    .action(inspect);
}

async function inspect(runFile: string, flags: { sheets: string; json?: boolean }): Promise<void> {
  const report = await inspectData(parseTrainedRunFile(runFile), flags.sheets, printProgress);
  print(flags.json === true ? JSON.stringify(report) : inWords(report).join('\n'));
}

function inWords(report: DataReport): string[] {
  const { classes, unreadable } = report;
  const shown = classes.slice(0, CLASSES_SHOWN_MAX);
  const bad = unreadable.slice(0, UNREADABLE_SHOWN_MAX);
  return [
    `${report.name}: ${classes.length} classes`,
    ...shown.map(({ name, train, validation }) => {
      return `  ${name}: ${train} for training, ${validation} for validation`;
    }),
    ...more(classes.length - shown.length),
    `training: ${splitInWords(report.train)}`,
    `validation: ${splitInWords(report.validation)}`,
    ...report.notes,
    ...(unreadable.length > 0
      ? [`${unreadable.length === 1 ? '1 image' : `${unreadable.length} images`} cannot be read:`]
      : []),
    ...bad.map(({ name, reason }) => `  ${name}: ${reason}`),
    ...more(unreadable.length - bad.length),
    `contact sheets: ${report.sheets.join(', ')}`,
  ];
}

function more(count: number): string[] {
  return count > 0 ? [`  and ${count} more`] : [];
}

function splitInWords({ sampleCount, widthPx, heightPx }: SplitReport): string {
  if (widthPx === undefined || heightPx === undefined) return `${sampleCount} images`;
  return (
    `${sampleCount} images of ${widthPx.min} x ${heightPx.min} to ${widthPx.max} x ` +
    `${heightPx.max} px, half of them up to ${widthPx.median} wide and ${heightPx.median} high`
  );
}
