import { expect, test } from 'vitest';
import { contentSecurityPolicy, securityHeaders } from '../../../../src-main/security/csp';

test('the policy starts from nothing and allows no foreign or generated script', () => {
  const policy = contentSecurityPolicy();
  expect(policy).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
      "font-src 'self' data:; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  );
});

test('the browser door names its socket and opens no windows', () => {
  expect(contentSecurityPolicy('ws://127.0.0.1:4000')).toBe(
    contentSecurityPolicy().replace("connect-src 'self'", "connect-src 'self' ws://127.0.0.1:4000") +
      '; sandbox allow-scripts allow-same-origin allow-forms allow-downloads allow-modals',
  );
  expect(securityHeaders('ws://h')['Content-Security-Policy']).toBe(contentSecurityPolicy('ws://h'));
});
