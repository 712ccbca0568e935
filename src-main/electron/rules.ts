import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

/** What the window may do, decided without Electron so that it can be tested. */
export const pageScheme = 'app';
export const pageHost = 'deltalab';
export const pageAddress = `${pageScheme}://${pageHost}/`;

/** Where the window may be: at the lab's page, whose parts are told apart by the fragment. */
export function isAllowedNavigation(address: string): boolean {
  const url = parse(address);
  return url !== null && isPage(url) && (url.pathname === '/' || url.pathname === '/index.html');
}

/** What the page may load: its own files, and what it made itself (blob:, data:). Beyond the content security policy. */
export function isAllowedRequest(address: string): boolean {
  const url = parse(address);
  return url !== null && (isPage(url) || ['blob:', 'data:', 'devtools:'].includes(url.protocol));
}

interface Frame {
  readonly url: string;
  readonly parent: unknown;
}

/** Messages count only from the top frame of the lab's page: not from a frame in it, nor from a page it was led away to. */
export function isTrustedSender(frame: Frame | null): boolean {
  return frame !== null && frame.parent === null && isAllowedNavigation(frame.url);
}

/** Copying a table or a chart is all a page may do beyond itself. */
export function isAllowedPermission(permission: string, requestingUrl: string): boolean {
  return permission === 'clipboard-sanitized-write' && isAllowedNavigation(requestingUrl);
}

/**
 * The project named when the app was started. `argv` as Electron gives it: the executable, in a checkout also the app's folder,
 * switches anywhere.
 */
export function projectArgument(
  argv: readonly string[],
  options: { packaged: boolean; folder: string },
): string | null {
  const words = argv.slice(1).filter((word) => !word.startsWith('-'));
  const [project] = options.packaged ? words : words.slice(1);
  return project === undefined || project === '' ? null : resolve(options.folder, project);
}

/** Only what exists is shown, and only by its full path. */
export function canShowInFolder(path: unknown): path is string {
  return typeof path === 'string' && isAbsolute(path) && existsSync(path);
}

function isPage(url: URL): boolean {
  return url.protocol === `${pageScheme}:` && url.host === pageHost && url.username === '' && url.password === '';
}

function parse(address: string): URL | null {
  return URL.canParse(address) ? new URL(address) : null;
}
