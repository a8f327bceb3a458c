#!/usr/bin/env node
/** The entry of the `crescendo` command: it listens for signals while the program is loaded. */
import { endChildren } from './children.ts';
import { listenForSignals } from './signals.ts';

listenForSignals();
process.on('exit', endChildren);
const { runCommandLine } = await import('./program.ts');
process.exit(await runCommandLine());
