import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { LabError, systemReason } from '../../shared/errors';
import { issueAsReason } from '../../shared/errors/zod-issue';
import { pointSchema, type EngineCheckpoint } from '../engine/protocol';
import { writeFileAtomic } from './files';

/**
 * state.bin: "DLSTATE1", length of the header (uint32, little-endian), header (JSON), then what the trainer saved. One file, so
 * that position and weights can never belong to different moments.
 */
const magic = 'DLSTATE1';

const headerSchema = z.object({
  epoch: z.number(),
  step: z.number(),
  /** By lane; null before the first epoch. JSON has no NaN, and a best point is finite. */
  best: z.array(pointSchema.nullable()),
});

export interface SavedState extends z.infer<typeof headerSchema> {
  state: Uint8Array;
}

export async function writeState(path: string, checkpoint: EngineCheckpoint): Promise<void> {
  const { epoch, step, lanes, state } = checkpoint;
  const header = Buffer.from(JSON.stringify({ epoch, step, best: lanes.map((lane) => lane.bestPoint) }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  await writeFileAtomic(path, Buffer.concat([Buffer.from(magic), length, header, state]));
}

export async function readState(path: string): Promise<SavedState> {
  try {
    const bytes = await readFile(path);
    const start = magic.length + 4;
    if (bytes.length < start || bytes.toString('latin1', 0, magic.length) !== magic)
      throw new LabError('engine.state-unreadable', { path, reason: 'not-a-checkpoint' });
    const end = start + bytes.readUInt32LE(magic.length);
    if (end > bytes.length) throw new LabError('engine.state-unreadable', { path, reason: 'cut-short' });
    const header = headerSchema.parse(JSON.parse(bytes.toString('utf8', start, end)));
    return { ...header, state: new Uint8Array(bytes.subarray(end)) };
  } catch (error) {
    if (error instanceof LabError) throw error;
    const issue = error instanceof z.ZodError ? issueAsReason(error) : { reason: systemReason(error) };
    throw new LabError('engine.state-unreadable', { path, ...issue });
  }
}
