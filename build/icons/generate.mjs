// node build/icons/generate.mjs: draws build/icon.svg in all sizes with a Chromium and packs them for Linux, Windows and macOS.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findChromium } from '../scripts/tools.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
const drawing = readFileSync(join(folder, '..', 'icon.svg'), 'utf8');
const sizes = [16, 32, 48, 64, 128, 256, 512, 1024];

const executablePath = findChromium();
if (!executablePath) throw new Error('No Chromium found: install one, or set DELTALAB_CHROMIUM.');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const images = new Map();
try {
  const page = await browser.newPage();
  for (const size of sizes) {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawing}`);
    images.set(size, await page.screenshot({ omitBackground: true }));
  }
} finally {
  await browser.close();
}

for (const size of sizes.filter((size) => size <= 512))
  writeFileSync(join(folder, `${size}x${size}.png`), images.get(size));
writeFileSync(join(folder, 'icon.ico'), ico([16, 32, 48, 256]));
writeFileSync(join(folder, 'icon.icns'), icns());

/** Windows: a directory of 16 bytes for each image, then the PNG files; a side of 256 is written as 0. */
function ico(chosen) {
  const head = Buffer.alloc(6 + 16 * chosen.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(chosen.length, 4);
  let offset = head.length;
  for (const [index, size] of chosen.entries()) {
    const at = 6 + 16 * index;
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(images.get(size).length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += images.get(size).length;
  }
  return Buffer.concat([head, ...chosen.map((size) => images.get(size))]);
}

/** macOS: chunks of a four-letter type, their length with this head, and a PNG file. */
function icns() {
  const types = { icp4: 16, icp5: 32, icp6: 64, ic07: 128, ic08: 256, ic09: 512, ic10: 1024 };
  const chunks = Object.entries(types).map(([type, size]) => {
    const head = Buffer.alloc(8);
    head.write(type, 0, 'latin1');
    head.writeUInt32BE(images.get(size).length + 8, 4);
    return Buffer.concat([head, images.get(size)]);
  });
  const body = Buffer.concat(chunks);
  const head = Buffer.alloc(8);
  head.write('icns', 0, 'latin1');
  head.writeUInt32BE(body.length + 8, 4);
  return Buffer.concat([head, body]);
}
