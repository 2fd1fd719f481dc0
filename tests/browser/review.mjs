// The review page in a real browser: plays, switches, changes, renders. `npm test` in this folder; see README.md.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumPath, skip, startProgram } from './program.mjs';
import { wav } from './wav.mjs';

let chromium;
try {
  ({ chromium } = await import('playwright-core'));
} catch {
  skip('run `npm ci` in tests/browser first');
}
if (!chromiumPath) skip('no Chromium is installed; set CHROMIUM to one');

const here = dirname(fileURLToPath(import.meta.url));
const shots = process.env.SHOTS;
const program = await startProgram();
const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'] });
const complaints = [];
const steps = [];
async function step(name, work) {
  const began = performance.now();
  await work();
  steps.push(name);
  console.log(`ok  ${name} (${Math.round(performance.now() - began)} ms)`);
}

async function open(options = {}) {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 }, ...options });
  page.on('console', (message) => message.type() === 'error' && complaints.push(`${message.text()} ${message.location().url}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(program.address);
  return page;
}

const settled = (page) => page.waitForFunction(() => window.review?.shown() && !document.querySelector('#now').matches('.stale'), null, { timeout: 120_000 });
const figure = (page, row, version) => page.locator('#figures tbody tr').nth(row).locator(`td.${version}`).innerText().then(Number);

/** Records what leaves the player in the audio thread, and measures it in the page. The scripts for it are the test's own,
 * so they need a page that is not held to the policy of the rest. */
async function measureIn(page) {
  const text = (file) => readFileSync(join(here, file), 'utf8');
  await page.evaluate(async ([recorder, measure]) => {
    const { player } = window.review;
    const address = (script) => URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    await player.context.audioWorklet.addModule(address(recorder));
    window.measure = await import(address(measure));
    window.record = async (seconds) => {
      const node = new AudioWorkletNode(player.context, 'recorder', { numberOfOutputs: 0, channelCount: 2, channelCountMode: 'explicit', processorOptions: { seconds } });
      const recorded = new Promise((done) => (node.port.onmessage = (event) => done(event.data)));
      player.output.connect(node);
      const { began, offset } = player;
      const { channels, at } = await recorded;
      player.output.disconnect(node);
      return { channels, rate: player.context.sampleRate, told: at - began + offset };
    };
  }, [text('recorder.js'), text('measure.mjs')]);
}

let [failed, ears] = [];
try {
  const page = await open();
  await step('loads, and the first preview is there', () => settled(page));

  if (shots) {
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [1600, 1024, 375]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 1000 });
        await page.waitForTimeout(300);
        await page.screenshot({ path: join(shots, `review-${width}-${colorScheme}.png`), fullPage: true });
      }
    }
    await page.setViewportSize({ width: 1600, height: 1000 });
  }

  await step('no serious accessibility violation', async () => {
    await page.evaluate(() => document.querySelectorAll('#cards details').forEach((d, i) => (d.open = i < 6)));
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await page.evaluate(axe);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await page.evaluate(() => window.axe.run());
      const serious = violations.filter((v) => ['serious', 'critical'].includes(v.impact));
      assert.deepEqual(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).slice(0, 3)}`), [], colorScheme);
    }
  });

  await step('plays, and A, B, C are equally loud within 0.3 LU', async () => {
    ears = await open({ bypassCSP: true });
    await settled(ears);
    await measureIn(ears);
    await ears.click('#play');
    const loudness = {};
    for (const version of ['mix', 'master', 'reference']) {
      await ears.click(`[data-version="${version}"]`);
      loudness[version] = await ears.evaluate(async () => {
        const { player } = window.review;
        await player.seek(0);
        await new Promise((done) => setTimeout(done, 150));
        const { channels, rate } = await window.record(player.duration);
        return window.measure.integratedLufs(channels, rate);
      });
    }
    const all = Object.values(loudness);
    console.log('    measured', Object.entries(loudness).map(([n, l]) => `${n} ${l.toFixed(2)} LUFS`).join(', '));
    assert.ok(all.every((l) => l > -60), 'nothing is heard');
    assert.ok(Math.max(...all) - Math.min(...all) <= 0.3, 'the versions differ in loudness');
  });

  await step('switching goes on at the same position within 20 ms', async () => {
    await ears.click('[data-version="mix"]');
    const { before, after } = await ears.evaluate(async () => {
      const { player } = window.review;
      await player.seek(3);
      await new Promise((done) => setTimeout(done, 200));
      setTimeout(() => document.querySelector('[data-version="master"]').click(), 700);
      const heard = await window.record(3);
      const lag = (name, at) => window.measure.lagMs(heard, player.sounds[name].buffer, at, 0.4);
      return { before: lag('mix', 0.1), after: lag('master', 2.0) };
    });
    console.log(`    mix at ${before.toFixed(1)} ms, master at ${after.toFixed(1)} ms of where the player says`);
    assert.ok(Math.abs(after - before) <= 20 && Math.abs(after) <= 20, `the position jumps by ${after - before} ms`);
    await ears.close();
  });

  await step('a slider changes sound, figures and spectrum, and nothing stale is shown as current', async () => {
    const [peak, width] = [await figure(page, 1, 'master'), await figure(page, 4, 'master')];
    const spectrum = await page.evaluate(() => [...window.review.sounds.master.figures.mid_dbfs]);
    const details = page.locator('#stage-eq details').last();
    await details.evaluate((d) => (d.open = true));
    await page.evaluate(() => {
      const { history, desk } = window.review;
      const slider = document.querySelector('[data-param="eq.band3.gain_db"] input[type=range]');
      document.querySelector('[data-param="eq.band3.on"] input').click();
      slider.value = 0.8;
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      return [history.now, desk.stages.length];
    });
    assert.ok(await page.locator('#now').evaluate((n) => n.matches('.stale')), 'marked as stale at once');
    await settled(page);
    const after = await page.evaluate(() => [...window.review.sounds.master.figures.mid_dbfs]);
    const at1k = after[17] - spectrum[17];
    console.log(`    +10.8 dB at 1 kHz: band rises by ${at1k.toFixed(1)} dB; peak ${peak}, width ${width}`);
    assert.ok(at1k > 2, 'the band of 1 kHz rises');
    assert.match(await page.locator('#delta').innerText(), /Equaliser, band3 gain: 0 dB → /);
  });

  await step('undo and redo', async () => {
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await settled(page);
    assert.equal(await page.locator('#delta li').count(), 0);
    assert.ok(await page.locator('#undo').isDisabled());
    await page.click('#redo');
    assert.equal(await page.locator('#delta li').count(), 1);
    await page.click('#undo');
    await settled(page);
  });

  await step('bypass, and a stage back to proposed', async () => {
    const before = await page.evaluate(() => [...window.review.sounds.master.figures.mid_dbfs]);
    await page.locator('#stage-match_eq header input').click();
    await settled(page);
    const after = await page.evaluate(() => [...window.review.sounds.master.figures.mid_dbfs]);
    assert.ok(before.some((db, i) => Math.abs(db - after[i]) > 1), 'bypassing the tone matching is measured');
    await page.locator('#stage-match_eq header button').click();
    await settled(page);
    const back = await page.evaluate(() => [...window.review.sounds.master.figures.mid_dbfs]);
    assert.deepEqual(back, before);
  });

  await step('the amount of everything', async () => {
    await page.locator('#amount').evaluate((s) => ((s.value = 0), s.dispatchEvent(new Event('input', { bubbles: true }))));
    await settled(page);
    assert.ok((await page.locator('#delta li').count()) > 3);
    await page.click('#proposed');
    await settled(page);
    assert.equal(await page.locator('#delta li').count(), 0);
  });

  await step('words', async () => {
    const before = await page.evaluate(() => [...window.review.sounds.master.figures.mid_dbfs]);
    await page.fill('#said', 'much brighter, less purple');
    await page.click('#words button');
    await page.waitForFunction(() => /'less purple' is not in the vocabulary/.test(document.querySelector('#moved').textContent));
    assert.equal(await page.locator('#delta li').count(), 0, 'nothing is changed where a word is not understood');
    complaints.pop();
    await page.fill('#said', 'much brighter');
    await page.click('#words button');
    await page.waitForFunction(() => /tone from 3.15 kHz/.test(document.querySelector('#moved').textContent));
    await settled(page);
    const after = await page.evaluate(() => [...window.review.sounds.master.figures.mid_dbfs]);
    assert.ok(after[27] - before[27] > 1, `8 to 10 kHz rise: ${after[27] - before[27]}`);
    await page.click('#undo');
    await settled(page);
  });

  await step('words that are answered late are done once, and never over what was moved meanwhile', async () => {
    const late = async (route) => {
      await new Promise((done) => setTimeout(done, 700));
      await route.continue();
    };
    const words = () => page.evaluate(() => window.review.history.now.words);
    const clear = () => page.evaluate(() => (document.querySelector('#moved').textContent = ''));
    await page.route('**/api/words', late);
    await clear();
    await page.fill('#said', 'a bit brighter');
    await page.press('#said', 'Enter');
    await page.press('#said', 'Enter');
    await page.waitForFunction(() => /tone from/.test(document.querySelector('#moved').textContent));
    await page.waitForTimeout(900);
    assert.deepEqual(await words(), ['a bit brighter'], 'said once, however often Enter is pressed');
    assert.ok(await page.locator('#words button').isEnabled());
    await page.click('#undo');
    await settled(page);
    await page.fill('#said', 'darker');
    await page.press('#said', 'Enter');
    await page.evaluate(() => window.review.history.change('loudness', (now) => (now.loudness = -12.5)));
    await page.waitForFunction(() => /changed meanwhile/.test(document.querySelector('#moved').textContent));
    assert.deepEqual([await words(), await page.evaluate(() => window.review.history.now.loudness)], [[], -12.5]);
    await page.unroute('**/api/words', late);
    await page.click('#undo');
    await settled(page);
    assert.equal(await page.locator('#delta li').count(), 0);
  });

  await step('a field shows the value that is used', async () => {
    await page.locator('#stage-limiter details').first().evaluate((d) => (d.open = true));
    const number = page.locator('[data-param="limiter.release_ms"] input[type=number]');
    await number.fill('999999');
    await number.press('Enter');
    assert.equal(await page.evaluate(() => window.review.history.now.settings['limiter.release_ms']), 1000);
    assert.equal(await number.inputValue(), '1000');
    await page.click('#undo');
    await settled(page);
  });

  await step('a loop that is taken away goes on where it is', async () => {
    const [before, after] = await page.evaluate(async () => {
      const { player } = window.review;
      const wait = (ms) => new Promise((done) => setTimeout(done, ms));
      await player.seek(3);
      await player.play();
      await wait(200);
      // As it is after the first time round.
      player.began -= player.duration;
      const before = player.position;
      document.querySelector('#loop').click();
      await wait(100);
      const after = player.position;
      player.pause();
      document.querySelector('#loop').click();
      return [before, after];
    });
    assert.ok(before > 2.5 && Math.abs(after - before) < 0.5, `from ${before} s to ${after} s`);
  });

  await step('notes, and a plan saved and loaded again', async () => {
    await page.locator('#stage-limiter details').first().evaluate((d) => (d.open = true));
    const row = page.locator('[data-param="limiter.release_ms"]');
    await row.locator('button.note').click();
    await row.locator('input.noted').fill('shorter: the snare');
    await row.locator('input[type=number]').fill('77');
    await row.locator('input[type=number]').press('Enter');
    await page.fill('#said', 'a bit brighter');
    await page.click('#words button');
    await page.waitForFunction(() => /tone from/.test(document.querySelector('#moved').textContent));
    await settled(page);
    assert.match(await page.locator('#delta').innerText(), /Limiter, release: .*77 ms[^]*You said: a bit brighter[^]*Note on Limiter, release: shorter: the snare/);
    await page.click('#save');
    await page.waitForFunction(() => /saved: /.test(document.querySelector('#result').textContent));
    const saved = readFileSync(join(program.folder, 'mix.reviewed.plan.toml'), 'utf8');
    assert.match(saved, /"limiter.release_ms" = "shorter: the snare"/);
    assert.match(saved, /by = "words"\nwhen = "20[^]*said = "a bit brighter"[^]*by = "hand"/);
    const settings = await page.evaluate(() => structuredClone(window.review.history.now.settings));
    await page.click('#proposed');
    await settled(page);
    await page.evaluate(() => window.review.history.change('note', (now) => (now.notes = {})));
    assert.equal(await page.locator('#delta li').count(), 0);
    await page.setInputFiles('#load', { name: 'mine.toml', mimeType: 'application/toml', buffer: Buffer.from(saved) });
    await page.waitForFunction(() => /mine.toml: \d+ settings differ/.test(document.querySelector('#result').textContent));
    await settled(page);
    assert.deepEqual(await page.evaluate(() => window.review.history.now.settings), settings);
    assert.match(await page.locator('#delta').innerText(), /Note on Limiter, release: shorter: the snare/);
    await page.setInputFiles('#load', { name: 'no.toml', mimeType: 'application/toml', buffer: Buffer.from('nothing = 1') });
    await page.waitForFunction(() => document.querySelector('#result').matches('.bad'));
    complaints.pop();
    assert.deepEqual(await page.evaluate(() => window.review.history.now.settings), settings, 'what is no plan changes nothing');
    await page.click('#undo');
    await settled(page);
    assert.equal(await page.locator('#delta li').count(), 0);
  });

  await step('listened to through a lossy codec, with its overshoot', async () => {
    await page.selectOption('#ears', 'MP3 128 kbit/s');
    await page.waitForFunction(() => /raises the true peak by [+−][\d.]+ dB, to [+−][\d.]+ dBTP/.test(document.querySelector('#coded').textContent), null, { timeout: 60_000 });
    console.log(`    ${await page.locator('#coded').innerText()}`);
    const [plain, coded] = await page.evaluate(() => ['master', 'coded'].map((name) => [...window.review.player.sounds[name].buffer.getChannelData(0).subarray(200_000, 200_400)]));
    assert.notDeepEqual(plain, coded);
    const heard = await page.evaluate(async () => {
      const { player } = window.review;
      player.hear('master');
      await player.play();
      await new Promise((done) => setTimeout(done, 300));
      const gains = Object.fromEntries(Object.entries(player.voices).map(([name, voice]) => [name, voice.gain.gain.value]));
      player.pause();
      return gains;
    });
    assert.ok(heard.coded > 0.1 && heard.master < 0.01, `what the codec made is heard: ${JSON.stringify(heard)}`);
    const left = await page.evaluate(() => (document.querySelector('#loudest').click(), Object.keys(window.review.player.sounds)));
    assert.ok(!left.includes('master') && !left.includes('coded'), `of another section nothing is heard: ${left}`);
    await settled(page);
    await page.waitForFunction(() => 'coded' in window.review.player.sounds, null, { timeout: 60_000 });
    await page.selectOption('#ears', 'as it is');
    assert.ok(!(await page.evaluate(() => 'coded' in window.review.player.sounds)));
  });

  await step('a slider is heard soon', async () => {
    const times = await page.evaluate(async () => {
      const settle = async () => {
        while (!window.review.shown()) await new Promise((done) => setTimeout(done, 2));
      };
      const took = [];
      document.querySelectorAll('#cards details').forEach((d) => (d.open = true));
      await new Promise((done) => setTimeout(done, 100));
      const sliders = [...document.querySelectorAll('#cards .param input[type=range]')].filter((s) => /gain|width|ratio|amount|ceiling|release/.test(s.closest('.param').dataset.param));
      const { player } = window.review;
      await player.play();
      for (let i = 0; i < 15; i += 1) {
        const slider = sliders[(i * 7) % sliders.length];
        const began = performance.now();
        slider.value = 0.45 + 0.01 * i;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        await settle();
        // It is heard when the new voice begins, which is a little later than now.
        const begins = 1000 * Math.max(0, player.voices.master.since - player.context.currentTime);
        took.push([performance.now() - began + begins, window.review.sounds.master.took]);
      }
      player.pause();
      return took.sort((a, b) => a[0] - b[0]);
    });
    console.log(`    median ${Math.round(times[7][0])} ms, worst ${Math.round(times[14][0])} ms, over 15 sliders of all stages`);
    const mean = (part) => Math.round(times.reduce((sum, [, took]) => sum + took[part], 0) / times.length);
    console.log(`    of it on average: waiting ${mean('waiting_ms')} ms, chain ${mean('chain_ms')} ms, loudness ${mean('measuring_ms')} ms`);
    await page.click('#proposed');
    await settled(page);
  });

  await step('a second tab works beside the first', async () => {
    const second = await open();
    await settled(second);
    await second.close();
  });

  await step('the plan is saved', async () => {
    await page.click('#save');
    await page.waitForFunction(() => /saved: .*mix\.reviewed\.plan\.toml/.test(document.querySelector('#result').textContent));
    assert.match(readFileSync(join(program.folder, 'mix.reviewed.plan.toml'), 'utf8'), /\[chain\./);
  });

  await step('leaving asks, where something is not saved', async () => {
    const asks = () => page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));
    assert.equal(await asks(), false, 'what is saved may be left');
    await page.evaluate(() => window.review.history.change('loudness', (now) => (now.loudness = -12.5)));
    assert.equal(await asks(), true);
    await page.click('#undo');
    await settled(page);
    assert.equal(await asks(), false);
  });

  await step('a render is cancelled and leaves nothing', async () => {
    await page.click('#render');
    await page.click('#cancel');
    await page.waitForFunction(() => /interrupted|than the mix/.test(document.querySelector('#result').textContent), null, { timeout: 60_000 });
    const text = await page.locator('#result').innerText();
    assert.match(text, /interrupted/);
    assert.deepEqual(readdirSync(program.folder).sort(), ['mix.flac', 'mix.reviewed.plan.toml']);
  });

  await step('the master is rendered, and the report opens', async () => {
    await page.click('#render');
    await page.waitForFunction(() => /than the mix/.test(document.querySelector('#result').textContent), null, { timeout: 120_000 });
    for (const name of ['mix.master.wav', 'mix.master.report.html', 'mix.master.report.json']) assert.ok(existsSync(join(program.folder, name)), name);
    const [report] = await Promise.all([page.waitForEvent('popup'), page.click('#report')]);
    report.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await report.waitForLoadState();
    assert.match(await report.locator('.headline').innerText(), /than the mix/);
    await report.close();
  });

  await step('keys', async () => {
    await page.locator('#title').click();
    await page.evaluate(() => document.activeElement.blur());
    const playing = await page.evaluate(() => window.review.player.playing);
    await page.keyboard.press('Space');
    assert.notEqual(await page.evaluate(() => window.review.player.playing), playing);
    await page.keyboard.press('a');
    assert.equal(await page.evaluate(() => window.review.player.heard), 'mix');
    await page.keyboard.press('d');
    assert.equal(await page.evaluate(() => window.review.player.heard), 'difference');
  });

  await step('a clipped mix of 96 kHz and 24 bits plays, and its faults are marked', async () => {
    const file = join(program.folder, 'high.wav');
    writeFileSync(file, wav(96_000, 8, (n) => Math.max(-1, Math.min(1, (n > 288_000 && n < 384_000 ? 3 : 0.4) * Math.sin(n * 0.03) * (1 - (n % 48_000) / 48_000)))));
    const other = await startProgram(file);
    const high = await browser.newPage();
    high.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await high.goto(other.address);
    await settled(high);
    const played = await high.evaluate(async () => {
      const { player } = window.review;
      await player.play();
      await new Promise((done) => setTimeout(done, 400));
      return { rate: player.sounds.master.buffer.sampleRate, moved: player.position, seconds: player.duration };
    });
    assert.equal(played.rate, 96_000);
    assert.ok(played.moved > 0.2 && Math.abs(played.seconds - 8) < 0.01, JSON.stringify(played));
    assert.match(await high.locator('#marks').innerText(), /0:03 clipped/);
    await high.locator('#marks button').first().click();
    await settled(high);
    await high.close();
    await other.stop();
  });

  await step('why a mix cannot be read stands on the page', async () => {
    const file = join(program.folder, 'silent.wav');
    writeFileSync(file, wav(44_100, 3, () => 0));
    const other = await startProgram(file);
    const silent = await browser.newPage();
    await silent.goto(other.address);
    await silent.waitForFunction(() => /silent/.test(document.querySelector('#step').textContent));
    console.log(`    ${await silent.locator('#step').innerText()}`);
    assert.equal(await other.ended, 3);
    assert.match(await silent.locator('#step').innerText(), /silent/, 'and stays there');
    await silent.close();
    await other.stop();
  });

  await step('nothing was complained of', () => assert.deepEqual(complaints, []));

  await step('closing the page ends the program', async () => {
    await page.close();
    const code = await Promise.race([program.ended, new Promise((done) => setTimeout(() => done('still there'), 20_000))]);
    assert.equal(code, 0);
  });
} catch (error) {
  failed = error;
}
await browser.close();
await program.stop();
if (failed) {
  console.error(`FAILED after '${steps.at(-1)}'`, failed, complaints);
  process.exit(1);
}
console.log(`${steps.length} steps passed`);
