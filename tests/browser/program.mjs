// Starts `automaster review` on a copy of the example music in a folder of its own, and a browser to look at it.

import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const chromiumPath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const binary = process.env.AUTOMASTER ?? join(root, 'target/debug/automaster');

/** Ends the run where a browser, or its driver, is missing: skipped, not passed. */
export function skip(why) {
  console.error(`\n  ${'#'.repeat(76)}\n  ##  BROWSER TESTS SKIPPED, NOT PASSED: ${why}\n  ${'#'.repeat(76)}\n`);
  process.exit(75);
}

export async function startProgram(given) {
  const folder = mkdtempSync(join(tmpdir(), 'automaster-browser-'));
  const mix = given ?? process.env.MIX ?? join(root, 'examples/mix.flac');
  const reference = process.env.REFERENCE ?? join(root, 'examples/reference.flac');
  const extension = mix.split('.').pop();
  cpSync(mix, join(folder, `mix.${extension}`));
  const program = spawn(binary, ['review', `mix.${extension}`, '--ref', reference, '--no-open'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((done) => program.on('exit', done));
  const address = await new Promise((found, failed) => {
    let text = '';
    program.stdout.on('data', (data) => {
      text += data;
      const match = /http:\/\/127\.0\.0\.1:\d+\/#\w+/.exec(text);
      if (match) found(match[0]);
    });
    program.on('exit', (code) => failed(new Error(`automaster ended with ${code}`)));
  });
  const stop = async () => {
    program.kill('SIGINT');
    const code = await ended;
    rmSync(folder, { recursive: true });
    return code;
  };
  return { address, folder, ended, stop };
}
