import type { CellOutput } from '../../shared/api/scratchpad';

const milliseconds = 50;
const characters = 50_000;

/** Gathers what a cell prints, so that a loop full of prints is some twenty messages a second. */
export class OutputBuffer {
  private pieces: CellOutput[] = [];
  private length = 0;
  private sent = 0;

  constructor(private readonly send: (pieces: CellOutput[]) => void) {}

  add(piece: CellOutput): void {
    const last = this.pieces.at(-1);
    if (piece.kind === 'text' && last?.kind === 'text') last.text += piece.text;
    else this.pieces.push({ ...piece });
    if (piece.kind === 'text') this.length += piece.text.length;
    if (this.length > characters) this.flush();
    else this.flushIfDue();
  }

  flushIfDue(): void {
    if (this.pieces.length > 0 && performance.now() - this.sent >= milliseconds) this.flush();
  }

  flush(): void {
    if (this.pieces.length === 0) return;
    this.send(this.pieces);
    this.pieces = [];
    this.length = 0;
    this.sent = performance.now();
  }
}
