// Checks an AsyncAPI document with AsyncAPI's own parser: node tools/validate_asyncapi.mjs FILE
// Prints one line for each finding, and exits with 1 when one of them is an error or a warning.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Parser } from '@asyncapi/parser';

const SEVERITIES = ['error', 'warning', 'info', 'hint'];
const source = resolve(process.argv[2]);
const { document, diagnostics } = await new Parser().parse(await readFile(source, 'utf8'), { source });
for (const { severity, code, path, message } of diagnostics) {
  console.log(`${SEVERITIES[severity]} ${code} ${path.join('.')}: ${message}`);
}
process.exitCode = document && diagnostics.every(({ severity }) => severity > 1) ? 0 : 1;
