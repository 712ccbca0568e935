// inspect.mjs: how long the microscope takes to answer for a network of 1,000,000 parameters, from the click to the drawn number, in the
// built lab (npm run build) and Chromium. One JSON object per action; medians in milliseconds. DELTALAB_CHROMIUM names the browser.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const root = resolve(import.meta.dirname, '../..');
const turns = 15;
const hidden = [1000, 994];

const home = mkdtempSync(join(tmpdir(), 'deltalab-bench-'));
const folder = mkdtempSync(join(tmpdir(), 'deltalab-bench-'));
writeFileSync(join(folder, 'project.json'), JSON.stringify(wideProject()));
const server = spawn(process.execPath, [join(root, 'out/main/cli.js'), 'serve', folder, '--port', '0'], {
  env: { ...process.env, DELTALAB_HOME: home, LANG: 'C.UTF-8' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const browser = await chromium.launch({
  executablePath: process.env.DELTALAB_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  await measure(await browser.newPage({ viewport: { width: 1280, height: 800 } }));
} finally {
  await browser.close();
  server.kill();
  for (const path of [home, folder]) rmSync(path, { recursive: true, force: true });
}

async function measure(page) {
  await page.goto(await address());
  await page.getByRole('button', { name: 'Project menu' }).waitFor();
  await page.keyboard.press('Control+4');
  await page.getByRole('button', { name: 'Open the network as it is now' }).click();
  await page.getByRole('group', { name: 'Network with numbers' }).waitFor();
  const parameters = /([\d,]+) parameters/.exec(await page.getByText(/[\d,]+ parameters/).innerText())?.[1];
  const report = async (action, trigger, shown) => {
    const times = [];
    for (let turn = 0; turn < turns; turn++) times.push(await page.evaluate(untilChanged, [trigger, shown, turn]));
    times.sort((a, b) => a - b);
    const rounded = (value) => Math.round(value * 10) / 10;
    console.log(
      JSON.stringify({ action, parameters, median: rounded(times[turns >> 1]), most: rounded(times[turns - 1]) }),
    );
  };
  await report('next sample', 'button[aria-label="Next sample"]', 'footer .loss');
  await report('another neuron', '.neuron:not(.selected)', 'h3.title');
}

/* global document, requestAnimationFrame */
/** In the page: clicks, and waits until a text is another one and drawn. */
async function untilChanged([trigger, shown, turn]) {
  const text = () => document.querySelector(shown)?.textContent ?? '';
  const before = text();
  const buttons = [...document.querySelectorAll(trigger)];
  const start = performance.now();
  buttons[turn % buttons.length].click();
  while (text() === before && performance.now() - start < 5000)
    await new Promise((drawn) => requestAnimationFrame(drawn));
  return performance.now() - start;
}

function address() {
  let output = '';
  return new Promise((found) => {
    server.stdout.on('data', (chunk) => {
      output += chunk;
      const url = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(output)?.[0];
      if (url) found(url);
    });
  });
}

/** The example "Exclusive or" with wide layers. */
function wideProject() {
  const project = JSON.parse(readFileSync(join(root, 'examples/xor/project.json'), 'utf8'));
  const kinds = [['input', {}]];
  for (const units of hidden) kinds.push(['linear', { units }], ['tanh', {}]);
  kinds.push(['linear', { units: 2 }], ['output', {}]);
  const layers = kinds.map(([kind, parameters], index) => ({
    id: `${kind}-${index}`,
    kind,
    parameters,
    position: { x: 150 * index, y: 0 },
  }));
  const edges = layers.slice(1).map(({ id }, index) => ({ from: layers[index].id, to: id, port: 0 }));
  return { ...project, name: 'Wide', network: { layers, edges } };
}
