import { z } from 'zod';
import { networkSchema, type NetworkDocument } from '../../../shared/network/document';

const copySchema = z.object({ deltalab: z.literal('layers'), network: networkSchema });

/** Layers as text, for the clipboard: they can be pasted into another project, another window, or an e-mail. */
export function copyText(part: NetworkDocument): string {
  return JSON.stringify({ deltalab: 'layers', network: part }, null, 2);
}

/** The layers in a pasted text; null where it is some other text. */
export function readCopy(text: string): NetworkDocument | null {
  if (!text.includes('"deltalab"')) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  const parsed = copySchema.safeParse(json);
  return parsed.success ? parsed.data.network : null;
}
