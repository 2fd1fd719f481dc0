// HTML reports as a reader gets them: valid, whole without a script, accessible, no wider than the screen. Each file has its
// JSON report beside it, whose facts it has to show: node report.mjs FILE.html...

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromiumPath, skip } from './program.mjs';

let chromium, HtmlValidate;
try {
  ({ chromium } = await import('playwright-core'));
  ({ HtmlValidate } = await import('html-validate'));
} catch {
  skip('run `npm ci` in tests/browser first');
}
if (!chromiumPath) skip('no Chromium is installed; set CHROMIUM to one');

const files = process.argv.slice(2);
assert.ok(files.length, 'usage: node report.mjs FILE.html...');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// The standard, not the validator's taste: what the WHATWG's HTML forbids.
const validator = new HtmlValidate({ extends: ['html-validate:standard'] });
const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });

for (const file of files) {
  const name = basename(file);
  const verdict = await validator.validateFile(file);
  const faults = verdict.results.flatMap((r) => r.messages.map((m) => `${m.line}:${m.column} ${m.ruleId}: ${m.message}`));
  assert.deepEqual(faults, [], `${name} is not valid HTML`);

  // Without scripts and without a network, everything is there.
  const offline = await browser.newContext({ javaScriptEnabled: false, offline: true, viewport: { width: 375, height: 800 } });
  const page = await offline.newPage();
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  const text = (await page.locator('body').textContent()).replace(/\s+/g, ' ');
  const report = JSON.parse(readFileSync(file.replace(/\.html$/, '.json'), 'utf8'));
  const facts = [
    ...report.rows.map((row) => row.feature),
    ...report.plan.settings.flatMap((setting) => [setting.param, setting.text]),
    ...(report.master?.promises ?? []).filter((p) => p.what !== 'frames').map((p) => p.reached.toFixed(1)),
    ...Object.values(report.plan.notes ?? {}),
    (report.master ?? report.mix).analysis.loudness.integrated_lufs.toFixed(1),
  ];
  for (const fact of facts) assert.ok(text.includes(fact), `${name} does not show ${fact}`);
  assert.deepEqual(requests, [pathToFileURL(file).href], `${name} asks for something else`);
  await offline.close();

  const context = await browser.newContext({ viewport: { width: 375, height: 800 } });
  const read = await context.newPage();
  const complaints = [];
  read.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await read.goto(pathToFileURL(file).href);
  for (const width of [375, 1024, 1600]) {
    await read.setViewportSize({ width, height: 900 });
    assert.ok(await read.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than ${width} px`);
  }
  await read.evaluate(() => document.querySelectorAll('details').forEach((d) => (d.open = true)));
  await read.evaluate(axe);
  const { violations } = await read.evaluate(() => window.axe.run());
  const grave = violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => `${v.id}: ${v.nodes[0].html}`);
  assert.deepEqual(grave, [], `${name} is hard to reach for some`);
  assert.deepEqual(complaints, [], `${name} complains`);
  await context.close();
  console.log(`ok  ${name}: valid, ${facts.length} facts without a script, accessible, fits 375 to 1600 px`);
}
await browser.close();
