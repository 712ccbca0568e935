import type { HeatMap } from '../../../shared/api/inspect';
import type { Read, Reading } from '../../engine/inspect/messages';

/** Collects what is to be read, so that it travels in one message; each request says what to make of its answer. */
export class Reader {
  private readonly reads: Read[] = [];
  private readonly takers: ((reading: Reading) => void)[] = [];

  add(read: Read, take: (reading: Reading) => void): void {
    this.reads.push(read);
    this.takers.push(take);
  }

  async run(read: (reads: Read[]) => Promise<Reading[]>): Promise<void> {
    const readings = await read(this.reads);
    readings.forEach((reading, index) => this.takers[index]?.(reading));
  }
}

export const emptyMap: HeatMap = { sourceRows: 0, sourceColumns: 0, rows: 0, columns: 0, cells: [], largest: 0 };

/** The picture of a reading that asked for one of rows × columns. */
export function heatMap({ picture, largest }: Reading, sourceRows: number, sourceColumns: number): HeatMap {
  if (!picture) return emptyMap;
  const { rows, columns, cells } = picture;
  return { sourceRows, sourceColumns, rows, columns, cells: Array.from(cells), largest };
}

/** The nearest to a square that holds so many numbers. */
export function gridOf(count: number): { rows: number; columns: number } {
  const columns = Math.max(1, Math.ceil(Math.sqrt(count)));
  return { rows: Math.max(1, Math.ceil(count / columns)), columns };
}
