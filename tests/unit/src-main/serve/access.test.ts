import { expect, test } from 'vitest';
import {
  createAccess,
  hasSession,
  isLoopback,
  isOwnOrigin,
  takeToken,
  trustedHost,
} from '../../../../src-main/serve/access';

const access = createAccess(4000, ['box', '10.0.0.5', 'fe80::1']);

test.each([
  ['127.0.0.1:4000', true],
  ['LOCALHOST:4000', true],
  ['[::1]:4000', true],
  ['box:4000', true],
  ['10.0.0.5', true],
  ['[fe80::1]:4000', true],
  ['127.0.0.2:4000', false],
  ['box.example:4000', false],
  ['localhost:4000:4000', false],
  ['localhost:999999', false],
  ['localhost/', false],
  ['evil@localhost', false],
  ['', false],
])('host %s is trusted: %s', (host, expected) => {
  expect(trustedHost({ host }, access) !== null).toBe(expected);
});

test('a request without Host is not trusted', () => {
  expect(trustedHost({}, access)).toBeNull();
});

test('an origin is the host it was sent to, port included', () => {
  expect(isOwnOrigin({ origin: 'http://localhost:4000' }, 'localhost:4000')).toBe(true);
  for (const origin of ['http://localhost:4001', 'https://localhost:4000', 'http://localhost', 'null', undefined])
    expect(isOwnOrigin({ origin }, 'localhost:4000')).toBe(false);
});

test('the session is found among other cookies, by its exact value', () => {
  const good = `${access.cookieName}=${access.session}`;
  expect(hasSession({ cookie: `a=b; ${good}; c=d` }, access)).toBe(true);
  expect(hasSession({ cookie: `${good}x` }, access)).toBe(false);
  expect(hasSession({ cookie: `x${good}` }, access)).toBe(false);
  expect(hasSession({ cookie: `${access.cookieName}=${access.token}` }, access)).toBe(false);
  expect(hasSession({}, access)).toBe(false);
});

test('every start has its own secrets, of 256 bits', () => {
  const other = createAccess(4000, []);
  expect(other.token).not.toBe(access.token);
  expect(other.session).not.toBe(access.session);
  expect(Buffer.from(access.token, 'base64url')).toHaveLength(32);
});

test('the token signs in once, whatever was tried before it', () => {
  const own = createAccess(4000, []);
  const { token } = own;
  for (const wrong of ['', 'abc', `${token}x`, token.slice(1), own.session]) expect(takeToken(wrong, own)).toBe(false);
  expect(takeToken(token, own)).toBe(true);
  expect(takeToken(token, own)).toBe(false);
  expect(takeToken(own.token, own)).toBe(true);
});

test('only addresses of this machine are loopback', () => {
  for (const host of ['127.0.0.1', '127.8.9.1', 'localhost', '::1', '[::1]']) expect(isLoopback(host)).toBe(true);
  for (const host of ['0.0.0.0', '::', '', '10.0.0.1', '127.0.0.1.example', 'localhost.example'])
    expect(isLoopback(host)).toBe(false);
});
