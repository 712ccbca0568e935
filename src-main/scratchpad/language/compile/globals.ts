import type { Value } from '../values';
import { Cell } from './frame';

/** The variables of a notebook, which its cells share. Compiled code holds the cell of a name, so that reading one looks nothing up. */
export class Globals {
  private readonly cells = new Map<string, Cell>();

  cell(name: string): Cell {
    let cell = this.cells.get(name);
    if (!cell) this.cells.set(name, (cell = new Cell()));
    return cell;
  }

  get(name: string): Value | undefined {
    return this.cells.get(name)?.value;
  }

  /** Names that have a value. */
  *entries(): Generator<[string, Value]> {
    for (const [name, { value }] of this.cells) if (value !== undefined) yield [name, value];
  }
}
