import { decode, encode } from '@msgpack/msgpack';
import {
  maximumCallBytes,
  wireCallSchema,
  type WireAnswer,
  type WireCall,
  type WireEvent,
} from '../../shared/api/wire';

/** An absent field stays absent, as in JSON and in Electron's messages. */
export function encodeMessage(message: WireAnswer | WireEvent): Uint8Array {
  return encode(message, { ignoreUndefined: true });
}

/** A page's call, or null for anything else. */
export function decodeCall(bytes: Uint8Array): WireCall | null {
  let message: unknown;
  try {
    message = decode(bytes, {
      maxStrLength: maximumCallBytes,
      maxBinLength: maximumCallBytes,
      maxArrayLength: 1_000_000,
      maxMapLength: 100_000,
      maxExtLength: 0,
    });
  } catch {
    return null;
  }
  const parsed = wireCallSchema.safeParse(message);
  return parsed.success ? parsed.data : null;
}
