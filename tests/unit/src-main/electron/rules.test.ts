import { expect, test } from 'vitest';
import {
  canShowInFolder,
  isAllowedNavigation,
  isAllowedPermission,
  isAllowedRequest,
  isTrustedSender,
  projectArgument,
} from '../../../../src-main/electron/rules';

test.each([
  ['app://deltalab/', true],
  ['app://deltalab/index.html', true],
  ['app://deltalab/#train', true],
  ['app://deltalab/assets/x.js', false],
  ['app://other/', false],
  ['app://deltalab.evil.example/', false],
  ['app://user@deltalab/', false],
  ['https://deltalab/', false],
  ['file:///etc/passwd', false],
  ['javascript:alert(1)', false],
  ['data:text/html,x', false],
  ['about:blank', false],
  ['', false],
])('navigation to %s: %s', (address, expected) => {
  expect(isAllowedNavigation(address)).toBe(expected);
});

test.each([
  ['app://deltalab/assets/index.js', true],
  ['blob:app://deltalab/1', true],
  ['data:image/png;base64,', true],
  ['devtools://devtools/bundled/inspector.html', true],
  ['https://example.com/', false],
  ['http://127.0.0.1:80/', false],
  ['ws://127.0.0.1/', false],
  ['file:///etc/passwd', false],
  ['app://other/', false],
])('a request for %s: %s', (address, expected) => {
  expect(isAllowedRequest(address)).toBe(expected);
});

test('only the top frame of the page may speak', () => {
  expect(isTrustedSender({ url: 'app://deltalab/', parent: null })).toBe(true);
  expect(isTrustedSender({ url: 'app://deltalab/', parent: {} })).toBe(false);
  expect(isTrustedSender({ url: 'https://evil.example/', parent: null })).toBe(false);
  expect(isTrustedSender(null)).toBe(false);
});

test('of all permissions only writing to the clipboard is given, and only to the page', () => {
  expect(isAllowedPermission('clipboard-sanitized-write', 'app://deltalab/')).toBe(true);
  expect(isAllowedPermission('clipboard-sanitized-write', 'https://evil.example/')).toBe(false);
  for (const permission of [
    'clipboard-read',
    'media',
    'geolocation',
    'notifications',
    'openExternal',
    'fullscreen',
    'usb',
  ])
    expect(isAllowedPermission(permission, 'app://deltalab/')).toBe(false);
});

test('the project is found among the words of the command line', () => {
  const packaged = { packaged: true, folder: '/home/me' };
  const checkout = { packaged: false, folder: '/home/me' };
  expect(projectArgument(['/opt/deltalab'], packaged)).toBeNull();
  expect(projectArgument(['/opt/deltalab', '--no-sandbox', 'iris'], packaged)).toBe('/home/me/iris');
  expect(projectArgument(['electron', '--inspect=0', '.', '/data/iris'], checkout)).toBe('/data/iris');
  expect(projectArgument(['electron', '.'], checkout)).toBeNull();
});

test('only existing full paths are shown in a folder', () => {
  expect(canShowInFolder(import.meta.filename)).toBe(true);
  for (const path of ['/no/such/file', 'package.json', '', 5, null, { toString: () => '/' }])
    expect(canShowInFolder(path)).toBe(false);
});
