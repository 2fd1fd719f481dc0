// Pictures of an HTML file, to be looked at: node shots.mjs FILE OUT_PREFIX [open|shut] [tiles]
import { chromium } from 'playwright-core';
import { pathToFileURL } from 'node:url';

const [file, prefix, open, tiles] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const width of [1600, 1024, 375]) {
  for (const colorScheme of ['light', 'dark']) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled: true });
    await page.goto(pathToFileURL(file).href);
    if (open === 'open') await page.evaluate(() => document.querySelectorAll('details').forEach((d) => (d.open = true)));
    await page.screenshot({ path: `${prefix}-${width}-${colorScheme}.png`, fullPage: true });
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    for (let y = 0, i = 0; tiles && y < height; y += 1400, i += 1) {
      const clip = { x: 0, y, width, height: Math.min(1400, height - y) };
      await page.screenshot({ path: `${prefix}-${width}-${colorScheme}-${i}.png`, fullPage: true, clip });
    }
    await page.close();
  }
}
await browser.close();
