// Runs several files of tests in one process, and so in one browser of each kind: starting one costs more than most files do.
import { pathToFileURL } from 'node:url';

for (const file of process.argv.slice(2)) await import(pathToFileURL(file).href);
