/**
 * The content security policy of the page, the same behind every door. `socket` is the WebSocket address of the browser door
 * (`ws://127.0.0.1:4000`), named because not every browser counts it as 'self'. That door adds a sandbox, which is what refuses
 * new windows in a browser; Electron's window refuses them itself.
 *
 * Inline styles are allowed for naive-ui and Vue Flow, which place elements by style attributes; scripts never are.
 */
export function contentSecurityPolicy(socket?: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self'${socket ? ` ${socket}` : ''}`,
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    // Forms are handled by scripts, which need the event; form-action refuses what would be sent.
    ...(socket ? ['sandbox allow-scripts allow-same-origin allow-forms allow-downloads allow-modals'] : []),
  ].join('; ');
}

/** Headers of every answer, files and refusals alike. */
export function securityHeaders(socket?: string): Record<string, string> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(socket),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=()',
  };
}
