import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, _electron, type Page } from 'playwright-core';

export const root = resolve(import.meta.dirname, '../../..');
/** Screenshots of every run, for a person to look at. */
export const screenshots = join(root, 'test-results', 'screenshots');

/** A lab with folders of its own and one page on it, opened as a person would open it. */
export interface RunningLab {
  page: Page;
  /** Address of the browser door, with the token used up; empty behind Electron. */
  url: string;
  /** Home of projects and settings of this run. */
  home: string;
  /** The process that holds the host; engine processes are its children. */
  processId: number;
  /** Errors the page wrote to its console; a test asserts that there are none. */
  consoleErrors: string[];
  screenshot(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface OpenOptions {
  language?: 'en' | 'ru';
  theme?: 'light' | 'dark';
  width?: number;
  height?: number;
  project?: string;
}

/**
 * Opens the lab behind the door named by DELTALAB_E2E_DOOR: `browser` (default; `deltalab serve` and Chromium) or `electron`
 * (the real window, where its runtime is installed). The suite is the same for both.
 */
export function openLab(options: OpenOptions = {}): Promise<RunningLab> {
  return process.env.DELTALAB_E2E_DOOR === 'electron' ? openElectron(options) : openBrowser(options);
}

function prepare(options: OpenOptions): { home: string; environment: NodeJS.ProcessEnv } {
  const home = mkdtempSync(join(tmpdir(), 'deltalab-e2e-'));
  mkdirSync(screenshots, { recursive: true });
  const environment = {
    ...process.env,
    DELTALAB_HOME: home,
    LANG: options.language === 'ru' ? 'ru_RU.UTF-8' : 'C.UTF-8',
  };
  return { home, environment };
}

async function openBrowser(options: OpenOptions): Promise<RunningLab> {
  const { home, environment } = prepare(options);
  const server = await startServe(environment, options.project);
  let browser: Browser | undefined;
  try {
    browser = await launchChromium();
    const context = await browser.newContext(contextOptions(options));
    const page = await context.newPage();
    const consoleErrors = watchConsole(page);
    await page.goto(server.url);
    return {
      page,
      url: new URL('/', server.url).href,
      home,
      processId: server.process.pid ?? 0,
      consoleErrors,
      screenshot: (name) => shoot(page, name, options),
      close: async () => {
        await browser?.close();
        await server.stop();
        rmSync(home, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await browser?.close();
    await server.stop();
    throw error;
  }
}

async function openElectron(options: OpenOptions): Promise<RunningLab> {
  const { home, environment } = prepare(options);
  const app = await _electron.launch({
    args: [root, ...(options.project ? [options.project] : [])],
    env: environment as Record<string, string>,
  });
  const page = await app.firstWindow();
  await page.setViewportSize({ width: options.width ?? 1280, height: options.height ?? 800 });
  await page.emulateMedia({ colorScheme: options.theme ?? 'light' });
  return {
    page,
    url: '',
    home,
    processId: app.process().pid ?? 0,
    consoleErrors: watchConsole(page),
    screenshot: (name) => shoot(page, name, options),
    close: async () => {
      await app.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function contextOptions(options: OpenOptions): Parameters<Browser['newContext']>[0] {
  return {
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.theme ?? 'light',
    locale: options.language === 'ru' ? 'ru-RU' : 'en-GB',
    permissions: ['clipboard-read', 'clipboard-write'],
  };
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
}

function chromiumPath(): string {
  if (process.env.DELTALAB_CHROMIUM) return process.env.DELTALAB_CHROMIUM;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const name of names) if (folder && existsSync(join(folder, name))) return join(folder, name);
  throw new Error('No Chromium found: install one (Debian: apt-get install chromium) or set DELTALAB_CHROMIUM.');
}

/** A second page, for example in another context without the cookie. */
export function newContext(browser: Browser): Promise<BrowserContext> {
  return browser.newContext();
}

export interface Serving {
  /** As printed, with the one-time token. */
  url: string;
  process: ChildProcess;
  stop(): Promise<void>;
}

/** Runs `deltalab serve --port 0` and waits for the address it prints. */
export function startServe(environment: NodeJS.ProcessEnv, project?: string): Promise<Serving> {
  const child = spawn(
    process.execPath,
    [join(root, 'out/main/cli.js'), 'serve', ...(project ? [project] : []), '--port', '0'],
    { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  return new Promise((resolvePromise, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`deltalab serve printed no address within 30 s:\n${output}`)),
      30_000,
    );
    const read = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      const url = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(output)?.[0];
      if (!url) return;
      clearTimeout(timer);
      resolvePromise({ url, process: child, stop: () => stop(child) });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`deltalab serve ended (${code ?? signal}):\n${output}`));
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolvePromise) => child.once('exit', resolvePromise));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}

function watchConsole(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  return errors;
}

async function shoot(page: Page, name: string, options: OpenOptions): Promise<void> {
  const suffix = `${options.theme ?? 'light'}-${options.language ?? 'en'}`;
  await page.screenshot({ path: join(screenshots, `${name}-${suffix}.png`) });
}
