/** Something that is drawn again and again while data stream in. */
export interface Drawing {
  draw(): void;
  /** At most once in so many milliseconds. */
  interval: number;
}

interface Waiting {
  /** Not before this time. */
  due: number;
}

export interface Clock {
  now(): number;
  onFrame(callback: () => void): void;
}

const browserClock: Clock = {
  now: () => performance.now(),
  onFrame: (callback) => void requestAnimationFrame(callback),
};

/** Share of a frame that drawing may take; what does not fit waits for the next one. */
const frameBudget = 8;
/** A drawing that took 20 ms rests at least 80 ms: charts never take more than a fifth of the page's time each. */
const restFactor = 4;

/**
 * Shares the page's time between all charts: oldest request first, a few milliseconds a frame, slow charts less often. So a race of
 * many lanes redraws more slowly instead of making the page stutter.
 */
export class DrawQueue {
  #waiting = new Map<Drawing, Waiting>();
  #rest = new WeakMap<Drawing, number>();
  #framed = false;
  readonly #clock: Clock;

  constructor(clock: Clock = browserClock) {
    this.#clock = clock;
  }

  /** Asks for a drawing; asking again before it happened changes nothing. `now`: a person is waiting (zoom, resize). */
  request(drawing: Drawing, now = false): void {
    const due = now ? 0 : (this.#rest.get(drawing) ?? 0);
    const waiting = this.#waiting.get(drawing);
    if (waiting) waiting.due = Math.min(waiting.due, due);
    else this.#waiting.set(drawing, { due });
    this.#frame();
  }

  cancel(drawing: Drawing): void {
    this.#waiting.delete(drawing);
  }

  #frame(): void {
    if (this.#framed) return;
    this.#framed = true;
    this.#clock.onFrame(() => {
      this.#framed = false;
      this.#run();
      if (this.#waiting.size > 0) this.#frame();
    });
  }

  #run(): void {
    const start = this.#clock.now();
    for (const [drawing, { due }] of [...this.#waiting]) {
      const before = this.#clock.now();
      if (before - start >= frameBudget) return;
      if (due > before) continue;
      this.#waiting.delete(drawing);
      drawing.draw();
      const after = this.#clock.now();
      this.#rest.set(drawing, after + Math.max(drawing.interval, restFactor * (after - before)));
    }
  }
}

/** All charts of the page draw through this one. */
export const drawQueue = new DrawQueue();
